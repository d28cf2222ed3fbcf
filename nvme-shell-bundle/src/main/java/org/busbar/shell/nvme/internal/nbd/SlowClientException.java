package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;

/** A client has kept the server waiting for too long. */
final class SlowClientException extends IOException {
    private static final long serialVersionUID = 1L;

    SlowClientException(String message) {
        super(message);
    }
}
