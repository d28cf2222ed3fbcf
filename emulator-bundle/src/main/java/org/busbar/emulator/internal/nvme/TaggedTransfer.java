package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Moves blocks that have metadata between a namespace and a driver (sections 8.2 and 8.3): by way of a buffer in which
 * protection information is checked, inserted and stripped.
 */
final class TaggedTransfer {

    private final DataPointer pointer;
    private final BlockBuffer buffer;
    private final ProtectionTags tags = new ProtectionTags();
    /** Data with metadata at the end of each block. Takes memory only once it is used. */
    private @Nullable MemorySegment extended;

    TaggedTransfer(DataPointer pointer, BlockBuffer buffer) {
        this.pointer = pointer;
        this.buffer = buffer;
    }

    /** Returns how many bytes a command moves by its data pointer. */
    long length(Command command, Namespace namespace, int count) {
        boolean withMetadata = namespace.extended() && !Protection.transparent(namespace, tags.of(command));
        return (long) count * (namespace.format().blockSize() + (withMetadata ? namespace.format().metadata() : 0));
    }

    int read(Command command, Namespace namespace, long first, int count) {
        int status = Protection.validate(namespace, tags.of(command), first);
        if (status != Status.SUCCESS) {
            return status;
        }
        buffer.load(namespace, first, count);
        status = Protection.check(namespace, tags, buffer, count);
        return status != Status.SUCCESS ? status : send(command, namespace, count);
    }

    int write(Command command, Namespace namespace, long first, int count) {
        int status = Protection.validate(namespace, tags.of(command), first);
        if (status == Status.SUCCESS) {
            status = fetch(command, namespace, count);
        }
        if (status != Status.SUCCESS) {
            return status;
        }
        if (namespace.protection() > 0 && tags.act()) {
            Protection.generate(namespace, tags, buffer, count);
        } else {
            status = Protection.check(namespace, tags, buffer, count);
        }
        return status != Status.SUCCESS ? status : buffer.store(namespace, first, count);
    }

    /** Compares what a driver has with what is kept. Protection information is checked instead. */
    int compare(Command command, Namespace namespace, long first, int count) {
        int status = Protection.validate(namespace, tags.of(command), first);
        if (status == Status.SUCCESS) {
            status = fetch(command, namespace, count);
        }
        if (status == Status.SUCCESS && !tags.act()) {
            status = Protection.check(namespace, tags, buffer, count);
        }
        if (status != Status.SUCCESS) {
            return status;
        }
        long offset = first << namespace.blockShift();
        boolean same = namespace.data().matches(offset, buffer.data(), 0, (long) count << namespace.blockShift())
                && sameMetadata(namespace, first, count);
        if (!same) {
            return Status.COMPARE_FAILURE;
        }
        buffer.load(namespace, first, count);
        return Protection.check(namespace, tags, buffer, count);
    }

    private boolean sameMetadata(Namespace namespace, long first, int count) {
        BlockStorage beside = namespace.metadata();
        int size = namespace.format().metadata();
        int skipped = namespace.protection() > 0 ? Protection.SIZE : 0;
        int begin = namespace.protectionFirst() ? skipped : 0;
        for (int i = 0; beside != null && i < count; i++) {
            long at = (long) i * size + begin;
            if (!beside.matches(first * size + at, buffer.metadata(), at, size - skipped)) {
                return false;
            }
        }
        return true;
    }

    /** Verify (NVMe 1.4, section 6.14): as a read that sends nothing. */
    int verify(Command command, Namespace namespace, long first, int count) {
        int status = Protection.validate(namespace, tags.of(command), first);
        for (int done = 0; status == Status.SUCCESS && done < count;) {
            int piece = Math.min(count - done, BlockBuffer.room(namespace));
            buffer.load(namespace, first + done, piece);
            status = Protection.check(namespace, tags, buffer, piece);
            tags.advance(piece);
            done += piece;
        }
        return status;
    }

    private MemorySegment extended() {
        MemorySegment there = extended;
        if (there == null) {
            there = Arena.ofAuto().allocate(DataPointer.MAX_TRANSFER, 8);
            extended = there;
        }
        return there;
    }

    private int send(Command command, Namespace namespace, int count) {
        long dataLength = (long) count << namespace.blockShift();
        int size = namespace.format().metadata();
        if (Protection.transparent(namespace, tags)) {
            return pointer.send(command, buffer.data(), 0, dataLength);
        }
        if (!namespace.extended()) {
            int status = pointer.send(command, buffer.data(), 0, dataLength);
            return status != Status.SUCCESS
                    ? status
                    : pointer.sendMetadata(command, buffer.metadata(), 0, (long) count * size);
        }
        int blockSize = namespace.format().blockSize();
        for (int i = 0; i < count; i++) {
            long at = (long) i * (blockSize + size);
            MemorySegment.copy(buffer.data(), (long) i * blockSize, extended(), at, blockSize);
            MemorySegment.copy(buffer.metadata(), (long) i * size, extended(), at + blockSize, size);
        }
        return pointer.send(command, extended(), 0, (long) count * (blockSize + size));
    }

    private int fetch(Command command, Namespace namespace, int count) {
        long dataLength = (long) count << namespace.blockShift();
        int size = namespace.format().metadata();
        if (Protection.transparent(namespace, tags)) {
            return pointer.fetch(command, buffer.data(), 0, dataLength);
        }
        if (!namespace.extended()) {
            int status = pointer.fetch(command, buffer.data(), 0, dataLength);
            return status != Status.SUCCESS
                    ? status
                    : pointer.fetchMetadata(command, buffer.metadata(), 0, (long) count * size);
        }
        int blockSize = namespace.format().blockSize();
        int status = pointer.fetch(command, extended(), 0, (long) count * (blockSize + size));
        for (int i = 0; status == Status.SUCCESS && i < count; i++) {
            long at = (long) i * (blockSize + size);
            MemorySegment.copy(extended(), at, buffer.data(), (long) i * blockSize, blockSize);
            MemorySegment.copy(extended(), at + blockSize, buffer.metadata(), (long) i * size, size);
        }
        return status;
    }
}
