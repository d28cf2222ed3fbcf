package org.busbar.driver.virtionet;

/**
 * A virtqueue from one reset of it to the next, and what another one in its place needs.
 *
 * @param number as the device counts
 * @param vector for its interrupts
 */
record Virtqueue(int number, int vector, Ring ring, Doorbell doorbell) {}
