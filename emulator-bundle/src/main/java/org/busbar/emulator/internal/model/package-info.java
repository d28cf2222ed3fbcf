/**
 * What a software device is made of. To write one:
 *
 * <ol>
 *   <li>Describe configuration space with a {@link org.busbar.emulator.internal.model.ConfigImage}: ids, base address
 *       registers, capabilities, MSI-X. Reads, writes and sizing of configuration space, and the MSI-X table in its base
 *       address register, are taken care of.
 *   <li>Extend {@link org.busbar.emulator.internal.model.DeviceModel}. {@code read} and {@code write} are the registers.
 *       They run on the driver's threads, several at once, so they do little: keep what was written in volatile or
 *       atomic fields and {@code wake()} the device.
 *   <li>{@code work()} is the device itself and runs on the device's own thread only. All other state belongs to that
 *       thread and needs no synchronisation. It returns in how many nanoseconds it wants to run again without being
 *       woken: 0 at once, {@code IDLE} never. It does a bounded piece of work per call and never waits.
 *   <li>Memory is reached through {@link org.busbar.emulator.internal.model.DmaPort} alone. Every call says whether it
 *       was carried out; a model treats {@code false} as its real counterpart treats an aborted transaction.
 *   <li>{@code raise(vector)} sends an interrupt, masks and pending bits are taken care of. Call it after what it
 *       announces was written.
 *   <li>{@code reset()} is a function-level reset: registers to their defaults, nothing in flight. {@code unplugged()}
 *       comes last, once: give back what the model holds. Both run on the device's thread.
 *   <li>Make it known in {@code Models}.
 * </ol>
 *
 * <p>A card that is pulled is cut off by its bus: registers do not reach the model any more, every DMA returns {@code
 * false}, interrupts vanish. A model needs no code for that but to return from {@code work()}.
 *
 * <p>Whatever a driver writes, a model does not throw: it checks every number it takes from registers or memory.
 * A model that throws all the same stays silent from then on, like a card whose firmware has crashed.
 */
@NullMarked
package org.busbar.emulator.internal.model;

import org.jspecify.annotations.NullMarked;
