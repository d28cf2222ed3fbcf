package org.busbar.driver.virtionet;

import org.busbar.driver.support.Count;
import org.busbar.pci.Bar;

/** Where the device is told that a virtqueue has new buffers (4.1.5.2). */
final class Doorbell {

    private final Bar bar;
    private final long offset;
    private final int queue;
    private final Count rings = new Count();

    Doorbell(Bar bar, long offset, int queue) {
        this.bar = bar;
        this.offset = offset;
        this.queue = queue;
    }

    void ring() {
        bar.write16(offset, queue);
        rings.once();
    }

    /** Returns how often it was rung. Any thread. */
    long rings() {
        return rings.times();
    }
}
