package org.busbar.shell.nvme.internal.perf;

/** Reads everything once whose content is known. */
final class ReadBack implements Addresses {

    private final Ledger ledger;
    private long next;
    private long unit;

    ReadBack(Ledger ledger, Plan.Slice slice) {
        this.ledger = ledger;
        next = slice.first();
    }

    @Override
    public boolean advance() {
        long found = next < 0 ? -1 : ledger.nextKnown(next);
        next = found < 0 ? -1 : found + 1;
        unit = found;
        return found >= 0;
    }

    @Override
    public long unit() {
        return unit;
    }

    @Override
    public boolean isWrite() {
        return false;
    }
}
