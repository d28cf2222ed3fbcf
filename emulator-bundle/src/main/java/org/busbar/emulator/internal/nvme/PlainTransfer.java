package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.internal.model.DmaPort;

/** Moves blocks without metadata between a namespace and a driver, without a copy in between. */
final class PlainTransfer {

    private final DmaPort dma;
    private final DataPointer pointer;
    private final BlockBuffer scratch;

    /**
     * @param scratch for data that is compared
     */
    PlainTransfer(DmaPort dma, DataPointer pointer, BlockBuffer scratch) {
        this.dma = dma;
        this.pointer = pointer;
        this.scratch = scratch;
    }

    int read(Command command, Namespace namespace, long first, long length) {
        int status = pointer.gather(command, length, true);
        Pieces pieces = pointer.pieces();
        long at = first << namespace.blockShift();
        for (int i = 0; status == Status.SUCCESS && i < pieces.count(); i++) {
            if (pieces.address(i) != Pieces.NOWHERE) {
                status = namespace.data().copyOut(dma, at, pieces.address(i), pieces.length(i));
            }
            at += pieces.length(i);
        }
        return status;
    }

    int write(Command command, Namespace namespace, long first, long length) {
        int status = pointer.gather(command, length, false);
        Pieces pieces = pointer.pieces();
        long at = first << namespace.blockShift();
        for (int i = 0; status == Status.SUCCESS && i < pieces.count(); i++) {
            status = namespace.data().copyIn(dma, at, pieces.address(i), pieces.length(i));
            at += pieces.length(i);
        }
        return status;
    }

    int compare(Command command, Namespace namespace, long first, long length) {
        int status = pointer.fetch(command, scratch.data(), 0, length);
        if (status != Status.SUCCESS) {
            return status;
        }
        boolean same = namespace.data().matches(first << namespace.blockShift(), scratch.data(), 0, length);
        return same ? Status.SUCCESS : Status.COMPARE_FAILURE;
    }
}
