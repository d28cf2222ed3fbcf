package org.busbar.shell.nvme.internal.nbd;

import org.busbar.block.BlockDevice;
import org.busbar.block.BlockFeature;

/**
 * What an export offers to its clients.
 *
 * @param name what it is called; clients may also ask for the default export, which has no name
 * @param description what it is, for people
 * @param device the device
 * @param writable whether clients may write
 * @param limits how much a client gets
 */
record Offer(String name, String description, BlockDevice device, boolean writable, Limits limits) {

    long bytes() {
        return device.blockCount() * device.blockSize();
    }

    boolean has(BlockFeature feature) {
        return device.features().has(feature);
    }

    boolean isCalled(String other) {
        return other.isEmpty() || other.equals(name);
    }

    /** Returns the transmission flags. */
    int flags(boolean structured) {
        int flags = Nbd.HAS_FLAGS | Nbd.SEND_FLUSH | Nbd.SEND_FUA | Nbd.CAN_MULTI_CONN;
        if (writable) {
            flags |= Nbd.SEND_WRITE_ZEROES;
            flags |= has(BlockFeature.DEALLOCATE) ? Nbd.SEND_TRIM : 0;
        } else {
            flags |= Nbd.READ_ONLY;
        }
        // The data of a read is one chunk always.
        return structured ? flags | Nbd.SEND_DF : flags;
    }

    /** Returns the size of requests that suits the device best. */
    int preferredBytes() {
        return Math.max(4096, device.blockSize());
    }
}
