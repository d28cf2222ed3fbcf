package org.busbar.emulator.internal.model;

/**
 * Registers that can be rung through memory.
 *
 * @param bar index of the base address register
 * @param offset of the first, whole pages
 * @param size bytes, whole pages
 */
public record DoorbellWindow(int bar, long offset, long size) {

    /** What a word holds that was not written since it was last looked at. */
    public static final int NOT_RUNG = -1;
}
