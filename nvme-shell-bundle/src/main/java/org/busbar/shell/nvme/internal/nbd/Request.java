package org.busbar.shell.nvme.internal.nbd;

import java.nio.ByteBuffer;

/**
 * A request under way. The receiver fills it in and hands it to the executor, which hands it back to {@link Requests}; in
 * between it is the one's or the other's alone.
 */
final class Request {

    /** The largest reply but for the data: a chunk with an error and its text. */
    private static final int REPLY_BYTES = 512;

    /** What is left to do once the device has done what was asked of it last. */
    enum Stage {
        /** Parts of it are to be submitted, or under way. */
        DATA,
        /** A flush makes durable what was written. */
        FLUSH
    }

    final int number;
    final ByteBuffer reply = ByteBuffer.allocateDirect(REPLY_BYTES);
    final ByteBuffer data;

    int type;
    int flags;
    long cookie;
    long offset;
    int length;
    /** Where its data are in the connection's memory; {@code memoryBytes} is 0 if it has none. */
    int memoryAt;
    int memoryBytes;

    Stage stage = Stage.DATA;
    long nextBlock;
    long blocksLeft;
    int underWay;
    int error;
    String errorText = "";

    Request(int number, ByteBuffer memory) {
        this.number = number;
        data = memory.duplicate();
    }

    /** Notes what is wrong with it; the first thing counts. */
    Request failed(int code, String text) {
        if (error == Nbd.OK) {
            error = code;
            errorText = text;
        }
        return this;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    boolean isRead() {
        return type == Nbd.CMD_READ;
    }

    long unsignedLength() {
        return Integer.toUnsignedLong(length);
    }

    /** Takes the words from a request's header, whose magic has been looked at. */
    void read(ByteBuffer header) {
        flags = Short.toUnsignedInt(header.getShort());
        type = Short.toUnsignedInt(header.getShort());
        cookie = header.getLong();
        offset = header.getLong();
        length = header.getInt();
        stage = Stage.DATA;
        underWay = 0;
        blocksLeft = 0;
        error = Nbd.OK;
        errorText = "";
        memoryBytes = 0;
    }
}
