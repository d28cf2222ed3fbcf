package org.busbar.shell.nvme.internal.nbd;

import org.busbar.block.BlockStatus;

/** What NBD calls what devices report (section «Error values»). */
final class Errors {

    private Errors() {}

    static int of(BlockStatus status) {
        return switch (status) {
            case OK -> Nbd.OK;
            case OUT_OF_RANGE -> Nbd.EINVAL;
            case NOT_SUPPORTED -> Nbd.ENOTSUP;
            case WRITE_PROTECTED -> Nbd.EPERM;
            case GONE -> Nbd.ESHUTDOWN;
            default -> Nbd.EIO;
        };
    }
}
