package org.busbar.net.io;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

/** The bytes of a capture file in order, a piece at a time, in the byte order of who wrote it. */
final class CaptureBytes implements Closeable {

    /** The largest piece that is ever looked at as a whole: a frame, its header and its options. */
    static final int MOST = PcapNg.MOST_FRAME + (1 << 17);

    private final InputStream in;
    private final ByteBuffer piece = ByteBuffer.allocate(MOST).limit(0);
    private final AtomicLong taken = new AtomicLong(); // where the piece begins

    CaptureBytes(InputStream in) {
        this.in = in;
    }

    void order(ByteOrder order) {
        piece.order(order);
    }

    ByteOrder order() {
        return piece.order();
    }

    /** Returns where in the file the reading is. */
    long position() {
        return taken.get() + piece.position();
    }

    /**
     * Has so many bytes at hand.
     *
     * @return false if there are none left at all
     * @throws CaptureFormatException if there are some, but not so many
     */
    boolean fill(int bytes) throws IOException {
        if (bytes > MOST) {
            throw new IllegalArgumentException(bytes + " bytes at once");
        }
        while (piece.remaining() < bytes) {
            if (piece.capacity() - piece.position() < bytes) {
                taken.addAndGet(piece.position());
                piece.compact().flip();
            }
            int read = in.read(piece.array(), piece.limit(), piece.capacity() - piece.limit());
            if (read < 0) {
                if (piece.remaining() == 0) {
                    return false;
                }
                throw cutShort();
            }
            piece.limit(piece.limit() + read);
        }
        return true;
    }

    /** Has so many bytes at hand that have to be there. */
    void need(int bytes) throws IOException {
        if (!fill(bytes) && bytes > 0) {
            throw cutShort();
        }
    }

    private CaptureFormatException cutShort() {
        return new CaptureFormatException("the capture ends in the middle of a block at byte " + position()
                + ": it was cut short; the frames before that are whole");
    }

    int peekInt() {
        return piece.getInt(piece.position());
    }

    /** Returns a number further on, which is at hand. */
    int peekInt(int offset) {
        return piece.getInt(piece.position() + offset);
    }

    int takeInt() {
        return piece.getInt();
    }

    int takeShort() {
        return piece.getShort() & 0xffff;
    }

    long takeLong() {
        return piece.getLong();
    }

    int takeByte() {
        return piece.get() & 0xff;
    }

    /** Returns a copy of what comes next, which is at hand. */
    MemorySegment take(int bytes) {
        byte[] copy = new byte[bytes];
        piece.get(copy);
        return MemorySegment.ofArray(copy);
    }

    /** Reads over bytes, however many; they have to be there. */
    void skip(long bytes) throws IOException {
        long left = bytes;
        while (left > 0) {
            int step = (int) Math.min(left, 1 << 16);
            need(step);
            piece.position(piece.position() + step);
            left -= step;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
