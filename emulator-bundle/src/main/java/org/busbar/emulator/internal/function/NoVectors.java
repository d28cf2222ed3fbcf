package org.busbar.emulator.internal.function;

/** A card that has its interrupt pin only, or nothing. */
final class NoVectors implements MessageVectors {

    @Override
    public boolean covers(int bar, long offset) {
        return false;
    }

    @Override
    public long read(long offset, int width) {
        return 0;
    }

    @Override
    public void write(long offset, int width, long value) {}

    @Override
    public void control(int value) {}

    @Override
    public void program(int vector, long address, int data) {}

    @Override
    public void mask(int vector) {}

    @Override
    public int vectors() {
        return 0;
    }

    @Override
    public void raise(int vector) {}
}
