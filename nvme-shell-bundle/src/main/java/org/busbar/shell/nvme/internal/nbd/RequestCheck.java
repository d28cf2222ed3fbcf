package org.busbar.shell.nvme.internal.nbd;

import org.busbar.block.BlockFeature;

/** Decides whether a request can be carried out (section «Request types»). What cannot be gets its error here. */
final class RequestCheck {

    private RequestCheck() {}

    /** Looks at a request, and notes the first thing that is wrong with it. */
    static void check(Request request, Offer offer) {
        int known =
                switch (request.type) {
                    case Nbd.CMD_READ -> Nbd.CMD_FLAG_FUA | Nbd.CMD_FLAG_DF;
                    case Nbd.CMD_WRITE, Nbd.CMD_TRIM -> Nbd.CMD_FLAG_FUA;
                    case Nbd.CMD_WRITE_ZEROES -> Nbd.CMD_FLAG_FUA | Nbd.CMD_FLAG_NO_HOLE;
                    case Nbd.CMD_FLUSH -> Nbd.CMD_FLAG_FUA;
                    default -> -1;
                };
        if (known < 0) {
            request.failed(Nbd.EINVAL, "unknown request " + request.type);
            return;
        }
        if ((request.flags & ~known) != 0) {
            request.failed(Nbd.EINVAL, "flags 0x" + Integer.toHexString(request.flags));
            return;
        }
        if (request.type == Nbd.CMD_FLUSH) {
            return;
        }
        if (!request.isRead() && !offer.writable()) {
            request.failed(Nbd.EPERM, "the export is read-only");
            return;
        }
        if (request.type == Nbd.CMD_TRIM && !offer.has(BlockFeature.DEALLOCATE)) {
            request.failed(Nbd.ENOTSUP, "the device cannot trim");
            return;
        }
        range(request, offer);
    }

    private static void range(Request request, Offer offer) {
        long length = request.unsignedLength();
        int blockSize = offer.device().blockSize();
        if (length == 0 || length % blockSize != 0 || request.offset % blockSize != 0) {
            request.failed(Nbd.EINVAL, "offset and length have to be multiples of " + blockSize + ", and not 0");
        } else if (request.offset < 0 || length > offer.bytes() || request.offset > offer.bytes() - length) {
            request.failed(request.isRead() ? Nbd.EINVAL : Nbd.ENOSPC, "beyond the end, at " + offer.bytes());
        } else if (carriesData(request) && length > offer.limits().largest()) {
            request.failed(Nbd.EOVERFLOW, "at most " + offer.limits().largest() + " bytes at once");
        }
    }

    private static boolean carriesData(Request request) {
        return request.isRead() || request.type == Nbd.CMD_WRITE;
    }
}
