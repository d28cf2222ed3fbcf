package org.busbar.emulator.internal.model;

/** What a device is plugged into. Thread-safe. */
public interface DeviceBus {

    /** Returns the way to memory. */
    DmaPort dma();

    /**
     * Sends the interrupt {@code vector}, or remembers it if it is masked. Vectors that do not exist are ignored.
     * Vector 0 stands for the pin as well, if the device has one: it is looked at then.
     */
    void raise(int vector);
}
