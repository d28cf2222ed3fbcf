/**
 * A virtio-net device at register level. Sections are those of the Virtio specification, version 1.2.
 *
 * <p>What it has: the modern PCI transport with MSI-X (4.1), split and packed virtqueues with event index (2.7, 2.8),
 * indirect descriptors, the reset of single virtqueues (2.6.1), mergeable receive buffers, checksums, segmentation of TCP and
 * large packets received (GUEST_TSO4, GUEST_TSO6), the control virtqueue with its filters, several queue pairs, receive-side
 * scaling and hash reports (5.1). What it lacks: the legacy interface, INTx, access by way of configuration space (4.1.4.9),
 * hashes over extension headers; statistics, which version 1.2 does not have. A driver that breaks a rule of the virtqueues finds DEVICE_NEEDS_RESET set.
 */
@NullMarked
package org.busbar.emulator.internal.virtio;

import org.jspecify.annotations.NullMarked;
