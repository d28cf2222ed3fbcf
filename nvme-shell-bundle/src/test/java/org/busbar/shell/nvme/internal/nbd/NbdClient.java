package org.busbar.shell.nvme.internal.nbd;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The other side, word by word, so that it can also say the wrong ones. */
final class NbdClient implements AutoCloseable {

    static final int PATIENCE_MILLIS = 20_000;

    /** A reply to an option. */
    record OptionReply(int option, int type, byte[] data) {
        String text() {
            return new String(data, StandardCharsets.UTF_8);
        }
    }

    /** A reply to a request: data of reads, text of structured errors. */
    record Reply(long cookie, int error, byte[] data, String text) {}

    private final Socket socket;
    final DataInputStream in;
    final DataOutputStream out;
    private boolean structured;

    NbdClient(Export export) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(export.uri()).getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    /** Connects and goes straight to the data. */
    static NbdClient ready(Export export, boolean structured) throws IOException {
        NbdClient client = new NbdClient(export).greet(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES);
        if (structured) {
            client.structured();
        }
        client.option(Nbd.OPT_GO, go("", Nbd.INFO_BLOCK_SIZE));
        List<OptionReply> replies = client.replies();
        if (replies.getLast().type() != Nbd.REP_ACK) {
            throw new IOException("GO: " + replies.getLast().text());
        }
        return client;
    }

    void structured() throws IOException {
        option(Nbd.OPT_STRUCTURED_REPLY, new byte[0]);
        structured = replies().getLast().type() == Nbd.REP_ACK;
    }

    /** Reads the server's greeting and sends the client's flags. */
    NbdClient greet(int flags) throws IOException {
        if (in.readLong() != Nbd.GREETING || in.readLong() != Nbd.OPTION_MAGIC || in.readShort() != 3) {
            throw new IOException("not the greeting of a fixed newstyle server");
        }
        out.writeInt(flags);
        return this;
    }

    void option(int option, byte[] data) throws IOException {
        out.writeLong(Nbd.OPTION_MAGIC);
        out.writeInt(option);
        out.writeInt(data.length);
        out.write(data);
    }

    static byte[] go(String name, int... informations) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer data = ByteBuffer.allocate(6 + bytes.length + 2 * informations.length);
        data.putInt(bytes.length).put(bytes).putShort((short) informations.length);
        for (int information : informations) {
            data.putShort((short) information);
        }
        return data.array();
    }

    /** Reads the replies to an option, up to the last. */
    List<OptionReply> replies() throws IOException {
        List<OptionReply> replies = new ArrayList<>();
        while (true) {
            if (in.readLong() != Nbd.OPTION_REPLY_MAGIC) {
                throw new IOException("not a reply to an option");
            }
            int option = in.readInt();
            int type = in.readInt();
            replies.add(new OptionReply(option, type, in.readNBytes(in.readInt())));
            if (type == Nbd.REP_ACK || type < 0) {
                return replies;
            }
        }
    }

    void request(int type, int flags, long cookie, long offset, long length) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(Nbd.REQUEST_BYTES)
                .putInt(Nbd.REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) type)
                .putLong(cookie)
                .putLong(offset)
                .putInt((int) length);
        out.write(header.array());
    }

    void write(long cookie, long offset, byte[] data, int flags) throws IOException {
        request(Nbd.CMD_WRITE, flags, cookie, offset, data.length);
        out.write(data);
    }

    /** Reads the next reply; {@code length} is how much data a simple reply to a read has. */
    Reply reply(int length) throws IOException {
        int magic = in.readInt();
        if (magic == Nbd.SIMPLE_REPLY_MAGIC) {
            int error = in.readInt();
            return new Reply(in.readLong(), error, error == 0 ? bytes(length) : new byte[0], "");
        }
        if (!structured || magic != Nbd.CHUNK_MAGIC) {
            throw new IOException("not a reply: 0x" + Integer.toHexString(magic));
        }
        int flags = in.readUnsignedShort();
        int type = in.readUnsignedShort();
        long cookie = in.readLong();
        byte[] payload = bytes(in.readInt());
        if (flags != Nbd.CHUNK_DONE) {
            throw new IOException("a chunk that is not the last");
        }
        ByteBuffer chunk = ByteBuffer.wrap(payload);
        if (type == Nbd.CHUNK_ERROR) {
            int error = chunk.getInt();
            byte[] text = new byte[chunk.getShort()];
            chunk.get(text);
            return new Reply(cookie, error, new byte[0], new String(text, StandardCharsets.UTF_8));
        }
        chunk.getLong();
        byte[] data = new byte[chunk.remaining()];
        chunk.get(data);
        return new Reply(cookie, 0, data, "");
    }

    private byte[] bytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    /** Reads to the end; fails if it does not come in time. */
    boolean isClosedByServer() throws IOException {
        try {
            in.transferTo(OutputStream.nullOutputStream());
            return true;
        } catch (EOFException e) {
            return true;
        } catch (SocketException e) { // reset: closed with something unread
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
