package org.busbar.emulator.internal.nvme;

/** Has a controller take its time to get ready, to stop being ready, and to shut down. */
final class TransitionTrouble extends Trouble {

    private final long nanos;

    TransitionTrouble(long nanos) {
        this.nanos = nanos;
    }

    @Override
    long transitionDelay() {
        return nanos;
    }
}
