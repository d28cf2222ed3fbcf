package org.busbar.pci;

import java.io.IOException;

/** No memory could be made reachable for a device. The message says which limit was met and how to raise it. */
public class DmaException extends IOException {
    private static final long serialVersionUID = 1L;

    public DmaException(String message) {
        super(message);
    }

    public DmaException(String message, Throwable cause) {
        super(message, cause);
    }
}
