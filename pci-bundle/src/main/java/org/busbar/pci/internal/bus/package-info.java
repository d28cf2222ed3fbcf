/**
 * The bus side of PCI: hosts are scanned, what changed is worked out and acted upon, drivers are told to the core, and
 * the operator's verbs.
 *
 * <p>Three steps, three classes: {@code HostScanner} looks, {@code SnapshotDiff} compares, {@code Bus} acts. Each host is
 * looked at by a thread of its own, so that one that hangs holds up nobody else; all acting is done by one thread.
 */
@NullMarked
package org.busbar.pci.internal.bus;

import org.jspecify.annotations.NullMarked;
