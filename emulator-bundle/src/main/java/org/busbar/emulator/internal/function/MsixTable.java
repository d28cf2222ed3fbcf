package org.busbar.emulator.internal.function;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.MsixLayout;

/**
 * The MSI-X table and pending bits of a card (PCI Local Bus 3.0, section 6.8.2). Thread-safe.
 */
final class MsixTable implements MessageVectors {

    private static final int DATA = 2;
    private static final int CONTROL = 3;
    private static final int MASKED = 1;
    private static final int WORDS = MsixLayout.ENTRY / 4;

    private final MsixLayout layout;
    private final Messages messages;
    private final AtomicIntegerArray table;
    private final AtomicLongArray pending;
    private volatile boolean enabled;
    private volatile boolean allMasked;

    MsixTable(MsixLayout layout, Messages messages) {
        this.layout = layout;
        this.messages = messages;
        table = new AtomicIntegerArray(layout.vectors() * WORDS);
        pending = new AtomicLongArray((layout.vectors() + 63) / 64);
        for (int vector = 0; vector < layout.vectors(); vector++) {
            table.set(vector * WORDS + CONTROL, MASKED);
        }
    }

    /** Returns whether an offset behind a base address register belongs to the table or the pending bits. */
    @Override
    public boolean covers(int bar, long offset) {
        return bar == layout.bar() && (inTable(offset) || inPending(offset));
    }

    /** Reads 4 or 8 bytes; narrower reads give what the 4 bytes around them hold. */
    @Override
    public long read(long offset, int width) {
        long word = Integer.toUnsignedLong(read32(offset & ~3L));
        return switch (width) {
            case 8 -> word | (Integer.toUnsignedLong(read32(offset + 4)) << 32);
            case 4 -> word;
            default -> word >>> (8 * (offset & 3));
        };
    }

    /** Writes 4 or 8 bytes; narrower writes do nothing, as the specification allows. */
    @Override
    public void write(long offset, int width, long value) {
        if (width < 4 || !inTable(offset)) {
            return;
        }
        write32(offset, (int) value);
        if (width == 8) {
            write32(offset + 4, (int) (value >>> 32));
        }
    }

    /** Takes over what message control says. */
    @Override
    public void control(int value) {
        enabled = (value & ConfigImage.MSIX_ENABLE) != 0;
        allMasked = (value & ConfigImage.MSIX_MASK_ALL) != 0;
        for (int vector = 0; vector < layout.vectors(); vector++) {
            deliverPending(vector);
        }
    }

    /** Sets up a vector, unmasked. */
    @Override
    public void program(int vector, long address, int data) {
        write32(layout.tableOffset() + (long) vector * MsixLayout.ENTRY, (int) address);
        write32(layout.tableOffset() + (long) vector * MsixLayout.ENTRY + 4, (int) (address >>> 32));
        write32(layout.tableOffset() + (long) vector * MsixLayout.ENTRY + 4 * DATA, data);
        write32(layout.tableOffset() + (long) vector * MsixLayout.ENTRY + 4 * CONTROL, 0);
    }

    /** Masks a vector and forgets what is pending for it. */
    @Override
    public void mask(int vector) {
        table.set(vector * WORDS + CONTROL, MASKED);
        takePending(vector);
    }

    @Override
    public int vectors() {
        return layout.vectors();
    }

    @Override
    public void raise(int vector) {
        if (vector < 0 || vector >= layout.vectors() || !enabled) {
            return;
        }
        if (masked(vector)) {
            pending.accumulateAndGet(vector >> 6, 1L << vector, (old, bit) -> old | bit);
            // It may have been unmasked in between, by somebody who has not seen the bit.
            deliverPending(vector);
        } else {
            messages.deliver(table.get(vector * WORDS + DATA));
        }
    }

    private boolean masked(int vector) {
        return allMasked || (table.get(vector * WORDS + CONTROL) & MASKED) != 0;
    }

    private void deliverPending(int vector) {
        if (enabled && !masked(vector) && takePending(vector)) {
            messages.deliver(table.get(vector * WORDS + DATA));
        }
    }

    private boolean takePending(int vector) {
        long bit = 1L << vector;
        return (pending.getAndAccumulate(vector >> 6, ~bit, (old, rest) -> old & rest) & bit) != 0;
    }

    private int read32(long offset) {
        if (inTable(offset)) {
            return table.get((int) (offset - layout.tableOffset()) / 4);
        }
        if (inPending(offset)) {
            int at = (int) (offset - layout.pendingOffset());
            return (int) (pending.get(at / 8) >>> (8 * (at & 4)));
        }
        return 0;
    }

    private void write32(long offset, int value) {
        if (inTable(offset)) {
            int index = (int) (offset - layout.tableOffset()) / 4;
            table.set(index, index % WORDS == CONTROL ? value & MASKED : value);
            deliverPending(index / WORDS);
        }
    }

    private boolean inTable(long offset) {
        return offset >= layout.tableOffset() && offset < layout.tableOffset() + layout.tableSize();
    }

    private boolean inPending(long offset) {
        return offset >= layout.pendingOffset() && offset < layout.pendingOffset() + layout.pendingSize();
    }
}
