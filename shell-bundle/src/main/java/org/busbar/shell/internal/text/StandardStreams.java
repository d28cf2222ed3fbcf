package org.busbar.shell.internal.text;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * The streams of the process, which a session writes to. {@link System#out} is not the process's: the launcher leads it
 * into a log, because any bundle may print to it at any time, and Gogo puts a stream there that finds the running command's.
 */
public final class StandardStreams {

    private StandardStreams() {}

    /** A new stream to standard output, flushed with each line. */
    public static PrintStream out() {
        return to(FileDescriptor.out);
    }

    /** A new stream to standard error, flushed with each line. */
    public static PrintStream err() {
        return to(FileDescriptor.err);
    }

    private static PrintStream to(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, Charset.defaultCharset());
    }
}
