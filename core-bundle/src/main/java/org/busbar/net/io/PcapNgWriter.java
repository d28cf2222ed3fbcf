package org.busbar.net.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Writes captured frames in the format pcapng, for Wireshark, tshark and others. Times are in nanoseconds. Blocks are gathered
 * in memory and written whole: what is in the file after a crash can be read to its end, up to a last block that the
 * system has not written completely. For one thread at a time; nothing is allocated per frame.
 */
public final class PcapNgWriter implements AutoCloseable {

    private static final int EPB_FIXED = 28;
    private static final int EPB_END = 16; // flags with their header, end of options, length once more; without a comment

    private final PcapNgBlocks blocks;
    private final AtomicInteger interfaces = new AtomicInteger();

    private PcapNgWriter(PcapNgBlocks blocks) {
        this.blocks = blocks;
    }

    /**
     * Begins a file.
     *
     * @param application what writes it, for the file's header
     * @param options how to open it, for example {@link StandardOpenOption#CREATE_NEW}; {@code WRITE} is added
     */
    public static PcapNgWriter open(Path path, String application, OpenOption... options) throws IOException {
        OpenOption[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = StandardOpenOption.WRITE;
        PcapNgWriter writer = new PcapNgWriter(new PcapNgBlocks(FileChannel.open(path, all)));
        writer.section(application);
        return writer;
    }

    private void section(String application) {
        int start = blocks.begin(PcapNg.SECTION_HEADER);
        blocks.buffer()
                .putInt(PcapNg.BYTE_ORDER_MAGIC)
                .putShort((short) 1)
                .putShort((short) 0)
                .putLong(PcapNg.LENGTH_UNKNOWN);
        blocks.text(PcapNg.SHB_OS, System.getProperty("os.name", "") + ' ' + System.getProperty("os.version", ""));
        blocks.text(PcapNg.SHB_APPLICATION, application);
        blocks.end(start);
    }

    /**
     * Tells of an interface that frames are seen on.
     *
     * @param name its name
     * @param description what it is, or empty
     * @param mac its address, or null
     * @param snapLength how many bytes are kept of a frame at most, 0 for all
     * @return its number, for {@link #frame}
     */
    public int addInterface(String name, String description, @Nullable MacAddress mac, int snapLength)
            throws IOException {
        blocks.reserve(2 * PcapNgBlocks.MOST_TEXT + 100);
        int start = blocks.begin(PcapNg.INTERFACE_DESCRIPTION);
        blocks.buffer().putShort((short) CapturedFrame.ETHERNET).putShort((short) 0).putInt(snapLength);
        blocks.text(PcapNg.IF_NAME, name);
        if (!description.isEmpty()) {
            blocks.text(PcapNg.IF_DESCRIPTION, description);
        }
        if (mac != null) {
            blocks.option(PcapNg.IF_MAC, 6);
            for (int i = 0; i < 6; i++) {
                blocks.buffer().put(mac.octet(i));
            }
            blocks.pad();
        }
        blocks.option(PcapNg.IF_TSRESOL, 1);
        blocks.buffer().put((byte) PcapNg.NANOSECONDS);
        blocks.pad();
        blocks.end(start);
        return interfaces.getAndIncrement();
    }

    /**
     * Adds a frame that is a packet, in one buffer or several. The packet stays the caller's.
     *
     * @param interfaceNumber from {@link #addInterface}
     * @param epochNanos nanoseconds since 1970-01-01T00:00Z
     * @param snapLength how many bytes to keep at most, 0 for all
     */
    public void frame(int interfaceNumber, long epochNanos, Direction direction, int snapLength, Packet packet)
            throws IOException {
        int original = 0;
        for (@Nullable
        Packet part = packet; part != null; part = part.next()) {
            original += part.length();
        }
        int kept = kept(original, snapLength);
        int start = beginFrame(interfaceNumber, epochNanos, kept, original, 0);
        int left = kept;
        for (@Nullable
        Packet part = packet; part != null && left > 0; part = part.next()) {
            int bytes = Math.min(part.length(), left);
            blocks.copy(part.data(), bytes);
            left -= bytes;
        }
        endFrame(start, direction, "");
    }

    /**
     * Adds a frame.
     *
     * @param interfaceNumber from {@link #addInterface}
     * @param epochNanos nanoseconds since 1970-01-01T00:00Z
     * @param data what is kept of the frame, at most 262,144 bytes
     * @param originalLength how long it was
     * @param comment what to say of it, or empty
     */
    public void frame(
            int interfaceNumber,
            long epochNanos,
            Direction direction,
            MemorySegment data,
            int originalLength,
            String comment)
            throws IOException {
        if (data.byteSize() > PcapNg.MOST_FRAME || originalLength < data.byteSize()) {
            throw new IllegalArgumentException("a frame of " + originalLength + " bytes of which " + data.byteSize()
                    + " are kept; at most " + PcapNg.MOST_FRAME + " can be");
        }
        int start =
                beginFrame(interfaceNumber, epochNanos, (int) data.byteSize(), originalLength, PcapNgBlocks.MOST_TEXT);
        blocks.copy(data, (int) data.byteSize());
        endFrame(start, direction, comment);
    }

    private static int kept(int original, int snapLength) {
        return Math.min(original, snapLength == 0 ? PcapNg.MOST_FRAME : Math.min(snapLength, PcapNg.MOST_FRAME));
    }

    private int beginFrame(int interfaceNumber, long epochNanos, int kept, int original, int comment)
            throws IOException {
        if (interfaceNumber < 0 || interfaceNumber >= interfaces.get()) {
            throw new IllegalArgumentException("there is no interface " + interfaceNumber);
        }
        blocks.reserve(EPB_FIXED + kept + 4 + EPB_END + comment + 8);
        int start = blocks.begin(PcapNg.ENHANCED_PACKET);
        blocks.buffer()
                .putInt(interfaceNumber)
                .putInt((int) (epochNanos >>> 32))
                .putInt((int) epochNanos)
                .putInt(kept)
                .putInt(original);
        return start;
    }

    private void endFrame(int start, Direction direction, String comment) {
        blocks.pad();
        if (direction != Direction.UNKNOWN) {
            blocks.option(PcapNg.EPB_FLAGS, 4);
            blocks.buffer().putInt(direction == Direction.INBOUND ? 1 : 2); // 4.3.1, bits 0 and 1
        }
        if (!comment.isEmpty()) {
            blocks.text(PcapNg.OPT_COMMENT, comment);
        }
        blocks.end(start);
    }

    /**
     * Adds what an interface has counted.
     *
     * @param startNanos when the capture began, in nanoseconds since 1970-01-01T00:00Z
     * @param endNanos when it ended
     * @param received how many frames the interface received meanwhile
     * @param dropped how many of them found no place and are not here
     */
    public void statistics(int interfaceNumber, long startNanos, long endNanos, long received, long dropped)
            throws IOException {
        blocks.reserve(100);
        int start = blocks.begin(PcapNg.INTERFACE_STATISTICS);
        blocks.buffer().putInt(interfaceNumber).putInt((int) (endNanos >>> 32)).putInt((int) endNanos);
        blocks.time(PcapNg.ISB_START, startNanos);
        blocks.time(PcapNg.ISB_END, endNanos);
        blocks.option(PcapNg.ISB_RECEIVED, 8);
        blocks.buffer().putLong(received);
        blocks.option(PcapNg.ISB_DROPPED, 8);
        blocks.buffer().putLong(dropped);
        blocks.end(start);
    }

    /** Writes to the file what has been added. */
    public void flush() throws IOException {
        blocks.flush();
    }

    /** Writes what has been added and closes the file. Repeated calls do nothing. */
    @Override
    public void close() throws IOException {
        blocks.close();
    }
}
