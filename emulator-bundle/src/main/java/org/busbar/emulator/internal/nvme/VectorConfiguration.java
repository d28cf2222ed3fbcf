package org.busbar.emulator.internal.nvme;

/** Interrupt Vector Configuration (section 5.21.1.9): whether interrupts of a vector are exempt from coalescing. */
final class VectorConfiguration implements Feature {

    private final Coalescing interrupts;

    VectorConfiguration(Coalescing interrupts) {
        this.interrupts = interrupts;
    }

    @Override
    public int set(Command command) {
        int vector = command.dword(11) & 0xffff;
        if (vector >= Doorbells.QUEUES) {
            return Status.INVALID_FIELD;
        }
        interrupts.vector(vector, command.dword(11));
        return Status.SUCCESS;
    }

    @Override
    public int get(Command command, boolean initial) {
        int vector = command.dword(11) & 0xffff;
        if (vector >= Doorbells.QUEUES) {
            return Status.INVALID_FIELD;
        }
        command.result(initial ? vector : vector | interrupts.vector(vector));
        return Status.SUCCESS;
    }

    @Override
    public void reset() {
        // Interrupts are reset by themselves.
    }
}
