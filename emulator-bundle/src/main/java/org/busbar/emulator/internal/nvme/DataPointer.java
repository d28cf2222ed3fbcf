package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.model.DmaPort;

/** Where a command's data and metadata are in a driver's memory, described by PRPs or SGLs, and the way there. */
final class DataPointer {

    /** The most that a command of any controller can transfer, in bytes: MDTS of 2^7 pages of 4 KiB. */
    static final int MAX_TRANSFER = 1 << 19;

    private static final int MAX_PIECES = 4097;

    private final DmaPort dma;
    private final boolean sglsSupported;
    private final PrpList prps;
    private final SglList sgls;
    private final Pieces pieces = new Pieces(MAX_PIECES);

    /**
     * @param sglsSupported whether I/O commands may use SGLs
     */
    DataPointer(DmaPort dma, boolean sglsSupported) {
        this.dma = dma;
        this.sglsSupported = sglsSupported;
        prps = new PrpList(dma);
        sgls = new SglList(dma);
    }

    /** Sets the page size. */
    void page(long bytes) {
        prps.page(bytes);
    }

    /** Returns whether a command's PSDT is one that is offered. Admin commands use PRPs only (section 4.4). */
    boolean supports(Command command, boolean admin) {
        int kind = command.dataTransfer();
        return kind == Command.PRPS || (sglsSupported && !admin && kind <= Command.SGLS_FOR_METADATA_TOO);
    }

    /** Works out where {@code length} bytes of data are; returns the status. */
    int gather(Command command, long length, boolean toDriver) {
        pieces.clear();
        return command.dataTransfer() == Command.PRPS
                ? prps.gather(command, length, pieces)
                : sgls.gather(command, length, toDriver, pieces);
    }

    /** Returns what was gathered. */
    Pieces pieces() {
        return pieces;
    }

    /** Gathers, and copies from the device; returns the status. */
    int send(Command command, MemorySegment source, long offset, long length) {
        int status = gather(command, length, true);
        return status != Status.SUCCESS ? status : pieces.copyOut(dma, source, offset);
    }

    /** Gathers, and copies into the device; returns the status. */
    int fetch(Command command, MemorySegment target, long offset, long length) {
        int status = gather(command, length, false);
        return status != Status.SUCCESS ? status : pieces.copyIn(dma, target, offset);
    }

    /** Copies metadata that is apart from data from the device; returns the status. */
    int sendMetadata(Command command, MemorySegment source, long offset, long length) {
        int status = gatherMetadata(command, length, true);
        return status != Status.SUCCESS ? status : pieces.copyOut(dma, source, offset);
    }

    /** Copies metadata that is apart from data into the device; returns the status. */
    int fetchMetadata(Command command, MemorySegment target, long offset, long length) {
        int status = gatherMetadata(command, length, false);
        return status != Status.SUCCESS ? status : pieces.copyIn(dma, target, offset);
    }

    private int gatherMetadata(Command command, long length, boolean toDriver) {
        pieces.clear();
        if (command.dataTransfer() == Command.SGLS_FOR_METADATA_TOO) {
            return sgls.gatherMetadata(command, length, toDriver, pieces);
        }
        // One buffer; a driver that uses PRPs has it begin with a whole dword (figure 104).
        boolean misaligned = command.dataTransfer() == Command.PRPS && (command.metadataPointer() & 3) != 0;
        if (misaligned) {
            return Status.INVALID_FIELD;
        }
        pieces.add(command.metadataPointer(), length);
        return Status.SUCCESS;
    }
}
