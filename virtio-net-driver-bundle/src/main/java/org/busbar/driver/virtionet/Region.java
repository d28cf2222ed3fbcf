package org.busbar.driver.virtionet;

import org.busbar.pci.Bar;

/**
 * Registers of one structure, within a base address register.
 *
 * @param bar where they are
 * @param offset of the first byte
 * @param length in bytes; all of them are within the bar
 */
record Region(Bar bar, long offset, long length) {

    boolean has(long at, int width) {
        return at >= 0 && at + width <= length;
    }

    int read8(long at) {
        return bar.read8(offset + at);
    }

    int read16(long at) {
        return bar.read16(offset + at);
    }

    int read32(long at) {
        return bar.read32(offset + at);
    }

    void write8(long at, int value) {
        bar.write8(offset + at, value);
    }

    void write16(long at, int value) {
        bar.write16(offset + at, value);
    }

    void write32(long at, int value) {
        bar.write32(offset + at, value);
    }
}
