package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.busbar.block.BlockIOException;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;

/**
 * The fixed newstyle handshake (sections «Newstyle negotiation» and «Option haggling»), until the client wants the data or
 * goes away. Everything has to be over by one deadline, in a limited number of options of limited length.
 */
final class Handshake {

    /** Gets what a connection needs to carry out requests. */
    @FunctionalInterface
    interface Opening {

        /** Gets it; the caller sees to it that it is given back. */
        void open() throws BlockIOException;
    }

    /**
     * What was agreed on.
     *
     * @param structured whether replies may be structured
     */
    record Agreed(boolean structured) {}

    private static final int MOST_OPTIONS = 64;
    private static final int MOST_OPTION_BYTES = 64 << 10;
    private static final int MOST_ERROR_BYTES = 1_000;
    private static final int ZEROES = 124;
    private static final int BUFFER = 8 << 10;

    private final Wire wire;
    private final Offer offer;
    private final Deadline deadline;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private boolean noZeroes;
    private boolean structured;

    Handshake(Wire wire, Offer offer) {
        this.wire = wire;
        this.offer = offer;
        deadline = Deadline.after(offer.limits().handshake());
    }

    /**
     * Negotiates.
     *
     * @param opening called once the client wants the data
     * @return nothing if the client only wanted to look
     */
    Optional<Agreed> run(Opening opening) throws IOException {
        buffer.clear()
                .putLong(Nbd.GREETING)
                .putLong(Nbd.OPTION_MAGIC)
                .putShort((short) (Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES));
        send();
        int flags = receive(4).getInt();
        if ((flags & ~(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES)) != 0) {
            throw new ProtocolException("client flags 0x" + Integer.toHexString(flags));
        }
        noZeroes = (flags & Nbd.NO_ZEROES) != 0;
        for (int options = 0; options < MOST_OPTIONS; options++) {
            ByteBuffer head = receive(16);
            if (head.getLong() != Nbd.OPTION_MAGIC) {
                throw new ProtocolException("an option that does not begin as one");
            }
            int option = head.getInt();
            int length = head.getInt();
            if (length < 0 || length > MOST_OPTION_BYTES) {
                throw new ProtocolException("an option of " + Integer.toUnsignedString(length) + " bytes");
            }
            if (length > BUFFER) {
                skip(length);
                error(option, Nbd.REP_ERR_TOO_BIG, "at most " + BUFFER + " bytes");
                continue;
            }
            ByteBuffer data = receive(length);
            switch (option) {
                case Nbd.OPT_ABORT -> {
                    reply(option, Nbd.REP_ACK, new byte[0]);
                    return Optional.empty();
                }
                case Nbd.OPT_EXPORT_NAME -> {
                    return Optional.of(exportName(text(data, length), opening));
                }
                case Nbd.OPT_GO -> {
                    if (go(option, data, opening)) {
                        return Optional.of(new Agreed(structured));
                    }
                }
                case Nbd.OPT_INFO -> go(option, data, () -> {});
                case Nbd.OPT_LIST -> list(length);
                case Nbd.OPT_STRUCTURED_REPLY -> structuredReply(length);
                default -> error(option, Nbd.REP_ERR_UNSUP, "unknown option");
            }
        }
        throw new ProtocolException("more than " + MOST_OPTIONS + " options");
    }

    /** The old way in: there is no way to say no but to hang up. */
    private Agreed exportName(String name, Opening opening) throws IOException {
        if (!offer.isCalled(name)) {
            throw new ProtocolException("there is no export '" + name + "'");
        }
        opening.open();
        buffer.clear().putLong(offer.bytes()).putShort((short) offer.flags(structured));
        if (!noZeroes) {
            buffer.put(new byte[ZEROES]);
        }
        send();
        return new Agreed(structured);
    }

    private void list(int length) throws IOException {
        if (length != 0) {
            error(Nbd.OPT_LIST, Nbd.REP_ERR_INVALID, "LIST has no data");
            return;
        }
        byte[] name = offer.name().getBytes(StandardCharsets.UTF_8);
        byte[] description = offer.description().getBytes(StandardCharsets.UTF_8);
        reply(Nbd.OPT_LIST, Nbd.REP_SERVER, ByteBuffer.allocate(4 + name.length + description.length)
                .putInt(name.length)
                .put(name)
                .put(description)
                .array());
        reply(Nbd.OPT_LIST, Nbd.REP_ACK, new byte[0]);
    }

    private void structuredReply(int length) throws IOException {
        if (length != 0) {
            error(Nbd.OPT_STRUCTURED_REPLY, Nbd.REP_ERR_INVALID, "STRUCTURED_REPLY has no data");
            return;
        }
        structured = true;
        reply(Nbd.OPT_STRUCTURED_REPLY, Nbd.REP_ACK, new byte[0]);
    }

    /** INFO, and GO, which is INFO and then data; returns whether the client may have it. */
    private boolean go(int option, ByteBuffer data, Opening opening) throws IOException {
        Wanted wanted = Wanted.parse(data);
        if (wanted == null) {
            error(option, Nbd.REP_ERR_INVALID, "its lengths do not fit");
            return false;
        }
        if (!offer.isCalled(wanted.name())) {
            error(option, Nbd.REP_ERR_UNKNOWN, "there is only " + offer.name());
            return false;
        }
        if (!wanted.blockSize() && offer.device().blockSize() > 512) {
            error(option, Nbd.REP_ERR_BLOCK_SIZE_REQD, "blocks have " + offer.device().blockSize() + " bytes");
            return false;
        }
        try {
            opening.open();
        } catch (BlockIOException e) {
            error(option, Nbd.REP_ERR_PLATFORM, String.valueOf(e.getMessage()));
            return false;
        } catch (DeviceGoneException | IllegalStateException e) {
            error(option, Nbd.REP_ERR_SHUTDOWN, "the device is gone");
            return false;
        }
        inform(option, wanted);
        return true;
    }

    private void inform(int option, Wanted wanted) throws IOException {
        reply(option, Nbd.REP_INFO, ByteBuffer.allocate(12)
                .putShort((short) Nbd.INFO_EXPORT)
                .putLong(offer.bytes())
                .putShort((short) offer.flags(structured))
                .array());
        reply(option, Nbd.REP_INFO, ByteBuffer.allocate(14)
                .putShort((short) Nbd.INFO_BLOCK_SIZE)
                .putInt(offer.device().blockSize())
                .putInt(offer.preferredBytes())
                .putInt(offer.limits().largest())
                .array());
        if (wanted.canonicalName()) {
            text(option, Nbd.INFO_NAME, offer.name());
        }
        if (wanted.description()) {
            text(option, Nbd.INFO_DESCRIPTION, offer.description());
        }
        reply(option, Nbd.REP_ACK, new byte[0]);
    }

    private void text(int option, int information, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        reply(option, Nbd.REP_INFO, ByteBuffer.allocate(2 + bytes.length)
                .putShort((short) information)
                .put(bytes)
                .array());
    }

    private void error(int option, int type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        reply(option, type, Arrays.copyOf(bytes, Math.min(bytes.length, MOST_ERROR_BYTES)));
    }

    private void reply(int option, int type, byte[] data) throws IOException {
        buffer.clear()
                .putLong(Nbd.OPTION_REPLY_MAGIC)
                .putInt(option)
                .putInt(type)
                .putInt(data.length)
                .put(data);
        send();
    }

    private void send() throws IOException {
        wire.write(buffer.flip(), deadline);
    }

    private ByteBuffer receive(int bytes) throws IOException {
        buffer.clear().limit(bytes);
        wire.readFully(buffer, deadline);
        return buffer.flip();
    }

    private void skip(int bytes) throws IOException {
        for (int left = bytes; left > 0; left -= BUFFER) {
            receive(Math.min(left, BUFFER));
        }
    }

    private static String text(ByteBuffer data, int length) {
        byte[] bytes = new byte[length];
        data.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
