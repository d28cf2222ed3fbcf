package org.busbar.emulator.internal.nvme;

/** Has Abort abort nothing. */
final class AbortTrouble extends Trouble {

    @Override
    boolean obeysAborts() {
        return false;
    }
}
