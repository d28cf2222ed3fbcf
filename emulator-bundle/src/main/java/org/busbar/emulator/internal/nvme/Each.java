package org.busbar.emulator.internal.nvme;

/** Each n-th command of the I/O queues. */
final class Each implements Occasion {

    private final int every;
    private int count;

    Each(int every) {
        this.every = every;
    }

    @Override
    public boolean comes(boolean admin) {
        if (admin) {
            return false;
        }
        count = (count + 1) % every;
        return count == 0;
    }
}
