package org.busbar.emulator.internal.nvme;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Blocks in a file, which is mapped, and locked against use by another card, unless both say that they share it. */
final class FileStorage extends BlockStorage {

    private static final Logger LOG = LoggerFactory.getLogger(FileStorage.class);

    /** How many cards share a file. Guarded by itself. */
    private static final Map<Path, Integer> SHARED = new HashMap<>();

    private final FileChannel channel;
    private final @Nullable Path sharedFile;
    private Arena arena = Arena.ofShared();
    private MemorySegment mapped;
    private @Nullable MemorySegment[] chunks;

    private FileStorage(FileChannel channel, long size, @Nullable Path sharedFile) throws IOException {
        super(size);
        this.channel = channel;
        this.sharedFile = sharedFile;
        mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
        chunks = new @Nullable MemorySegment[(int) ((size + CHUNK - 1) / CHUNK)];
    }

    /**
     * Opens a file, creates it if it is missing, and extends it if it is shorter than {@code size}.
     *
     * @param shared whether other cards of this process may have it, if they say so as well
     * @throws IllegalArgumentException if that is not possible; the message says why
     */
    static FileStorage open(Path file, long size, boolean shared) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            Path real = file.toRealPath();
            synchronized (SHARED) {
                lock(channel, real, shared);
                FileStorage opened = new FileStorage(channel, size, shared ? real : null);
                if (shared) {
                    SHARED.merge(real, 1, Integer::sum);
                }
                return opened;
            }
        } catch (IOException e) {
            throw refused(file, channel, e.toString(), e);
        } catch (OverlappingFileLockException e) {
            throw refused(file, channel, "another card uses it", e);
        }
    }

    /** Those who share a file do not keep its lock: a process can have it once. */
    private static void lock(FileChannel channel, Path file, boolean shared) throws IOException {
        if (SHARED.containsKey(file)) {
            if (!shared) {
                throw new IOException("other cards share it");
            }
            return;
        }
        FileLock lock = channel.tryLock();
        if (lock == null) {
            throw new IOException("another process has it locked");
        }
        if (shared) {
            lock.release();
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
        Path file = sharedFile;
        if (file != null) {
            synchronized (SHARED) {
                SHARED.computeIfPresent(file, (path, cards) -> cards == 1 ? null : cards - 1);
            }
        }
        try {
            channel.close();
        } catch (IOException e) {
            LOG.error("The file of an emulated SSD could not be closed", e);
        }
    }
}
