package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;

/** A client does not speak NBD; there is nothing to reply to that it would understand. */
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}
