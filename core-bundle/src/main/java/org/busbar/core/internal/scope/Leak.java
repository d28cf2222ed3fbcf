package org.busbar.core.internal.scope;

/**
 * A thread that has outlived its binding.
 *
 * @param thread its name
 * @param stack where it was, most recent call first
 */
public record Leak(String thread, String stack) {

    /** Returns a stack trace as text, one frame per line. */
    public static String text(StackTraceElement[] frames) {
        StringBuilder text = new StringBuilder();
        for (StackTraceElement frame : frames) {
            text.append("\n    at ").append(frame);
        }
        return frames.length == 0 ? " (no stack: the thread is ending)" : text.toString();
    }
}
