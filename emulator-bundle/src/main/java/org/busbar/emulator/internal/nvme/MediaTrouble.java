package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.NvmeFault;

/** Has blocks that cannot be read or written. */
final class MediaTrouble extends Trouble {

    private final NvmeFault.MediaError fault;

    MediaTrouble(NvmeFault.MediaError fault) {
        this.fault = fault;
    }

    @Override
    int instead(Namespace namespace, long first, long count, boolean write) {
        boolean concerned = namespace.id() == fault.namespace()
                && first - fault.first() < fault.blocks()
                && fault.first() - first < count
                && (write ? fault.writes() : fault.reads());
        if (!concerned) {
            return Status.SUCCESS;
        }
        return write ? Status.WRITE_FAULT : Status.UNRECOVERED_READ;
    }
}
