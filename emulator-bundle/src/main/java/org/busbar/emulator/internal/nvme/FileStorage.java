package org.busbar.emulator.internal.nvme;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Blocks in a file, which is mapped, and locked against use by another card. */
final class FileStorage extends BlockStorage {

    private static final Logger LOG = LoggerFactory.getLogger(FileStorage.class);

    private final FileChannel channel;
    private Arena arena = Arena.ofShared();
    private MemorySegment mapped;
    private @Nullable MemorySegment[] chunks;

    private FileStorage(FileChannel channel, long size) throws IOException {
        super(size);
        this.channel = channel;
        mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
        chunks = new @Nullable MemorySegment[(int) ((size + CHUNK - 1) / CHUNK)];
    }

    /**
     * Opens a file, creates it if it is missing, and extends it if it is shorter than {@code size}.
     *
     * @throws IllegalArgumentException if that is not possible; the message says why
     */
    static FileStorage open(Path file, long size) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            if (channel.tryLock() == null) {
                throw new IOException("another process has it locked");
            }
            return new FileStorage(channel, size);
        } catch (IOException e) {
            throw refused(file, channel, e.toString(), e);
        } catch (OverlappingFileLockException e) {
            throw refused(file, channel, "another card uses it", e);
        }
    }

    private static IllegalArgumentException refused(
            Path file, @Nullable FileChannel channel, String why, Exception cause) {
        IllegalArgumentException refusal =
                new IllegalArgumentException("the file " + file + " cannot hold an SSD: " + why, cause);
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                refusal.addSuppressed(e);
            }
        }
        return refusal;
    }

    @Override
    void resized(long wanted) {
        Arena next = Arena.ofShared();
        try {
            MemorySegment larger = channel.map(FileChannel.MapMode.READ_WRITE, 0, wanted, next);
            flush();
            arena.close();
            arena = next;
            mapped = larger;
            chunks = new @Nullable MemorySegment[(int) ((wanted + CHUNK - 1) / CHUNK)];
        } catch (IOException e) {
            next.close();
            throw new IllegalArgumentException("the file of an emulated SSD cannot be resized: " + e, e);
        }
    }

    @Override
    @Nullable
    MemorySegment existing(int index) {
        return forWriting(index);
    }

    @Override
    MemorySegment forWriting(int index) {
        MemorySegment chunk = chunks[index];
        if (chunk == null) {
            long start = (long) index * CHUNK;
            chunk = mapped.asSlice(start, Math.min(CHUNK, mapped.byteSize() - start));
            chunks[index] = chunk;
        }
        return chunk;
    }

    @Override
    void flush() throws IOException {
        try {
            mapped.force();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public void close() {
        try {
            flush();
        } catch (IOException e) {
            LOG.error("What an emulated SSD was told to keep could not be written to its file", e);
        }
        arena.close();
        try {
            channel.close();
        } catch (IOException e) {
            LOG.error("The file of an emulated SSD could not be closed", e);
        }
    }
}
