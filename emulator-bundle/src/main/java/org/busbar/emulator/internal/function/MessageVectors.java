package org.busbar.emulator.internal.function;

import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.MsixLayout;

/** A card's way to interrupt by messages: by MSI-X, by MSI, or not at all. Thread-safe. */
sealed interface MessageVectors permits MsixTable, MsiVector, NoVectors {

    /** Takes messages. */
    interface Messages {

        /** A message with this data was written. */
        void deliver(int data);
    }

    /** Returns what a card has. */
    static MessageVectors of(ConfigImage config, Messages messages) {
        MsixLayout layout = config.msix();
        if (layout != null) {
            return new MsixTable(layout, messages);
        }
        return config.msiOffset().isPresent() ? new MsiVector(messages) : new NoVectors();
    }

    /** Returns whether an offset behind a base address register belongs to this. */
    boolean covers(int bar, long offset);

    /** Reads what is behind a base address register. */
    long read(long offset, int width);

    /** Writes what is behind a base address register. */
    void write(long offset, int width, long value);

    /** Takes over what message control says. */
    void control(int value);

    /** Sets up a vector, unmasked. */
    void program(int vector, long address, int data);

    /** Masks a vector and forgets what is pending for it. */
    void mask(int vector);

    int vectors();

    /** The card sends the message of a vector. */
    void raise(int vector);
}
