package org.busbar.net.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads capture files: pcapng, and classic pcap with micro- or nanoseconds, of either byte order. Whatever the file holds, memory
 * stays bounded: a frame is at most 262,144 bytes, other blocks are read over. For one thread at a time.
 */
public final class CaptureReader implements Closeable {

    private final CaptureBytes bytes;
    private final CaptureFormat format;

    private CaptureReader(CaptureBytes bytes, CaptureFormat format) {
        this.bytes = bytes;
        this.format = format;
    }

    /**
     * Opens a file.
     *
     * @throws CaptureFormatException if it is no capture file
     * @throws IOException if it cannot be read
     */
    public static CaptureReader open(Path path) throws IOException {
        CaptureBytes bytes = new CaptureBytes(Files.newInputStream(path));
        try {
            return new CaptureReader(bytes, format(bytes));
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    private static CaptureFormat format(CaptureBytes bytes) throws IOException {
        if (!bytes.fill(4)) {
            throw new CaptureFormatException("no capture file: it is empty");
        }
        int magic = bytes.peekInt();
        if (magic == PcapNg.SECTION_HEADER) { // the same in both byte orders
            return new PcapNgFormat(bytes);
        }
        return PcapFormat.begin(bytes, magic)
                .orElseThrow(() -> new CaptureFormatException(
                        "no capture file: it begins with " + "%08x".formatted(magic)
                                + ", which is neither pcapng nor pcap"));
    }

    /**
     * Returns the next frame, nothing at the end.
     *
     * @throws CaptureFormatException if the file is damaged or ends in the middle of something
     */
    public Optional<CapturedFrame> next() throws IOException {
        return Optional.ofNullable(format.next());
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}
