/**
 * An NVMe controller at register level, after NVM Express Base Specification 1.4, and 2.0 where a card is of that version
 * (sections and figures named here are those of 1.4 unless said otherwise).
 *
 * <p>{@link org.busbar.emulator.internal.nvme.NvmeModel} is the device. Registers and doorbells are written by drivers'
 * threads, everything else belongs to the device's thread. From the outside to the inside:
 *
 * <ul>
 *   <li>{@code NvmeRegisters} and {@code Doorbells} keep what was written; {@code Engine} follows it: starts, stops, fetches
 *       commands, has completions posted by way of {@code Queues}, {@code ShadowDoorbells} and {@code Coalescing}.
 *   <li>{@code Subsystem} puts together what is behind the queues. Each group of commands registers its opcodes in a {@code
 *       CommandTable}; a new command is a new class and a line there.
 *   <li>{@code Namespaces}, {@code Namespace} and {@code BlockStorage} keep the blocks; {@code DataPointer} finds where a
 *       driver has its data.
 *   <li>A fault is a {@code Trouble}: a few points at which it may interfere. {@code Troubles} says which fault is which.
 *   <li>Whoever is not the device's thread has it do {@code Errands}.
 * </ul>
 */
@NullMarked
package org.busbar.emulator.internal.nvme;

import org.jspecify.annotations.NullMarked;
