package org.busbar.net.io;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** Blocks on their way into a file (3.1 and 3.5): a header, a body, options, and the length at either end. */
final class PcapNgBlocks implements Closeable {

    static final int MOST_TEXT = 0xffff;

    private static final int BUFFER = 1 << 20;

    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());
    private final MemorySegment memory = MemorySegment.ofBuffer(buffer);

    PcapNgBlocks(FileChannel file) {
        this.file = file;
    }

    /** Returns where the body of a block goes. */
    ByteBuffer buffer() {
        return buffer;
    }

    /** Makes room for a block, which is written in one piece. */
    void reserve(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
    }

    /** Begins a block; the result is for {@link #end}. */
    int begin(int type) {
        int start = buffer.position();
        buffer.putInt(type).putInt(0);
        return start;
    }

    void end(int start) {
        option(PcapNg.OPT_END, 0);
        int length = buffer.position() + 4 - start;
        buffer.putInt(length).putInt(start + 4, length);
    }

    void option(int code, int length) {
        buffer.putShort((short) code).putShort((short) length);
    }

    void text(int code, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MOST_TEXT - 3);
        option(code, length);
        buffer.put(bytes, 0, length);
        pad();
    }

    void time(int option, long nanos) {
        option(option, 8);
        buffer.putInt((int) (nanos >>> 32)).putInt((int) nanos);
    }

    void copy(MemorySegment from, int bytes) {
        MemorySegment.copy(from, 0, memory, buffer.position(), bytes);
        buffer.position(buffer.position() + bytes);
    }

    /** Blocks, and so the buffer's content, are multiples of four bytes. */
    void pad() {
        while ((buffer.position() & 3) != 0) {
            buffer.put((byte) 0);
        }
    }

    void flush() throws IOException {
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
        } finally {
            buffer.clear();
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isOpen()) {
            try (file) {
                flush();
            }
        }
    }
}
