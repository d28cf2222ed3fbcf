package org.busbar.emulator.internal.nic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.Lies;
import org.jspecify.annotations.Nullable;

/**
 * The device's side of a ring: descriptors of 16 bytes from head to tail, fetched several at a time. A ring that makes no
 * sense, or that is not in memory, is halted until the next reset or the next start of its unit. Device's thread only.
 */
final class DescriptorRing {

    static final int DESCRIPTOR = 16;
    private static final int PREFETCH = 16;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final NicRegisters registers;
    private final DmaPort dma;
    private final int base;
    private final MemorySegment fetched = Arena.ofAuto().allocate(PREFETCH * DESCRIPTOR, 8);

    private int entries;
    private long address;
    private int head;
    /** What the head register shows, which is the head unless the device lies. */
    private int shown = -1;
    private int tail;
    private int first;
    private int count;
    private boolean halted;

    /**
     * @param base offset of the lower half of the ring's address; the others follow from it
     */
    DescriptorRing(NicRegisters registers, DmaPort dma, int base) {
        this.registers = registers;
        this.dma = dma;
        this.base = base;
    }

    /** Looks at the registers; returns whether there is a ring to work with. */
    boolean look() {
        if (halted) {
            return false;
        }
        long newAddress = (registers.get(base) & 0xffff_ffffL) | ((long) registers.get(base + 4) << 32);
        int newEntries = registers.get(base + 8) / DESCRIPTOR;
        int register = registers.get(base + 0x10);
        int newHead = register == shown ? head : register;
        if (newAddress != address || newEntries != entries || newHead != head) {
            count = 0;
        }
        address = newAddress;
        entries = newEntries;
        head = newHead;
        tail = registers.get(base + 0x18);
        return head < entries && tail < entries;
    }

    int entries() {
        return entries;
    }

    /** Returns how many descriptors the device has. */
    int available() {
        int between = tail - head;
        return between >= 0 ? between : between + entries;
    }

    /** Fetches the descriptor at the head; returns whether that was possible. */
    boolean fetch() {
        if (count > 0) {
            return true;
        }
        int wanted = Math.min(Math.min(available(), PREFETCH), entries - head);
        if (!dma.read(address + (long) head * DESCRIPTOR, fetched, 0, (long) wanted * DESCRIPTOR)) {
            halted = true;
            return false;
        }
        first = 0;
        count = wanted;
        return true;
    }

    /** Returns the first half of the descriptor at the head. */
    long low() {
        return fetched.get(LONG, (long) first * DESCRIPTOR);
    }

    /** Returns the second half of the descriptor at the head. */
    long high() {
        return fetched.get(LONG, (long) first * DESCRIPTOR + 8);
    }

    /** Returns where the descriptor at the head is in memory. */
    long headAddress() {
        return address + (long) head * DESCRIPTOR;
    }

    /** The descriptor at the head is done. */
    void advance() {
        head = head + 1 == entries ? 0 : head + 1;
        first++;
        count--;
    }

    /** Returns where the descriptor is that comes so many after that at the head. */
    long addressAfter(int descriptors) {
        return address + (long) ((head + descriptors) % entries) * DESCRIPTOR;
    }

    /** Returns where the first descriptor is that the device does not have. */
    long tailAddress() {
        return address + (long) tail * DESCRIPTOR;
    }

    /** Shows the head to software, or what the device wants it to believe. */
    void store(@Nullable Lies lies) {
        shown = lies == null ? head : lies.index(head);
        registers.set(base + 0x10, shown);
    }

    /** Memory that the ring names could not be reached. */
    void halt() {
        halted = true;
    }

    boolean halted() {
        return halted;
    }

    /** Forgets what was fetched, and goes on if halted. */
    void restart() {
        halted = false;
        count = 0;
        shown = -1;
    }
}
