package org.busbar.emulator.internal.function;

import org.busbar.emulator.internal.model.ConfigImage;

/** MSI with one vector and without masks (PCI Local Bus 2.3, section 6.8.1). Thread-safe. */
final class MsiVector implements MessageVectors {

    private final Messages messages;
    private volatile boolean enabled;
    private volatile int data;

    MsiVector(Messages messages) {
        this.messages = messages;
    }

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
    public void control(int value) {
        enabled = (value & ConfigImage.MSI_ENABLE) != 0;
    }

    @Override
    public void program(int vector, long address, int newData) {
        data = newData;
    }

    /** There are no masks: messages end with the enable bit. */
    @Override
    public void mask(int vector) {}

    @Override
    public int vectors() {
        return 1;
    }

    @Override
    public void raise(int vector) {
        if (vector == 0 && enabled) {
            messages.deliver(data);
        }
    }
}
