package org.busbar.driver.virtionet;

import org.busbar.pci.DmaBuffer;

/**
 * A virtqueue from one reset of it to the next, and what another one in its place needs.
 *
 * @param number as the device counts
 * @param vector for its interrupts
 * @param memory of the ring; the same for the next
 */
record Virtqueue(int number, int vector, Ring ring, DmaBuffer memory, Doorbell doorbell) {}
