package org.busbar.net.io;

import java.io.IOException;

/** A capture file is damaged, cut short, or of a kind that is not understood. The message says what is wrong and where. */
public final class CaptureFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public CaptureFormatException(String message) {
        super(message);
    }
}
