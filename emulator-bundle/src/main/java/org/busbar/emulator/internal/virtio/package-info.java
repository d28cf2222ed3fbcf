/**
 * A virtio-net device at register level. Sections are those of the Virtio specification, version 1.2.
 *
 * <p>What it has: the modern PCI transport with MSI-X (4.1), split and packed virtqueues with event index (2.7, 2.8),
 * mergeable receive buffers, checksums, segmentation of TCP, the control virtqueue with its filters, several queue pairs
 * (5.1). What it lacks: the legacy interface, INTx, access by way of configuration space (4.1.4.9), indirect descriptors,
 * RSS and the reset of single virtqueues. A driver that breaks a rule of the virtqueues finds DEVICE_NEEDS_RESET set.
 */
@NullMarked
package org.busbar.emulator.internal.virtio;

import org.jspecify.annotations.NullMarked;
