package org.busbar.net.io;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A format of capture files. */
interface CaptureFormat {

    /** Returns the next frame; null at the end. */
    @Nullable
    CapturedFrame next() throws IOException;
}
