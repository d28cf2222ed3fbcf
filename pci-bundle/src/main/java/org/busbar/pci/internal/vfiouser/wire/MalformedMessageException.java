package org.busbar.pci.internal.vfiouser.wire;

import java.io.IOException;

/** A message is not what the protocol says. The message of this exception says in what. */
public final class MalformedMessageException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedMessageException(String message) {
        super(message);
    }
}
