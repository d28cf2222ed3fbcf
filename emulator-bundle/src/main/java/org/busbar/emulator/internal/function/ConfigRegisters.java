package org.busbar.emulator.internal.function;

import java.util.concurrent.locks.ReentrantLock;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.pci.BarInfo;

/**
 * The configuration space of a card. A write changes the bits that can be written and may have an effect, which is
 * carried out by the {@link Effects} without a lock held. Thread-safe.
 */
final class ConfigRegisters {

    /** What writes have an effect on. */
    interface Effects {

        /** The command register was written. */
        void command(int value);

        /** The message control register of MSI-X, or else of MSI, was written. */
        void messageControl(int value);

        /** A function-level reset was asked for. */
        void initiateReset();
    }

    private static final int CAPABILITIES = 0x34;
    private static final int FIRST_BAR = 0x10;
    private static final int LAST_BAR = 0x24;
    private static final int BROKEN_LINK = 0x40;

    private final ReentrantLock lock = new ReentrantLock();
    private final byte[] values;
    private final byte[] writable;
    private final int messageControl;
    private final boolean msi;
    private final int deviceControl;
    private final Effects effects;
    private volatile boolean bad;

    ConfigRegisters(ConfigImage image, long barBase, Effects effects) {
        values = image.valuesAfterReset();
        writable = image.writableBits();
        msi = image.msixOffset().isEmpty() && image.msiOffset().isPresent();
        messageControl = msi
                ? image.msiOffset().getAsInt() + ConfigImage.MSIX_CONTROL
                : image.msixOffset().isPresent() ? image.msixOffset().getAsInt() + ConfigImage.MSIX_CONTROL : -1;
        deviceControl =
                image.expressOffset().isPresent() ? image.expressOffset().getAsInt() + ConfigImage.DEVICE_CONTROL : -1;
        this.effects = effects;
        assignAddresses(image, barBase);
    }

    /** Makes the capability list circular and the base address registers nonsense, or ends that. */
    void bad(boolean on) {
        bad = on;
    }

    boolean bad() {
        return bad;
    }

    int read(int offset, int width) {
        if (bad) {
            return readBad(offset, width);
        }
        lock.lock();
        try {
            return plain(offset, width);
        } finally {
            lock.unlock();
        }
    }

    void write(int offset, int width, int value) {
        int command;
        int control = 0;
        boolean reset;
        lock.lock();
        try {
            reset = touches(offset, width, deviceControl + 1)
                    && ((value >>> (8 * (deviceControl + 1 - offset))) & (ConfigImage.INITIATE_RESET >>> 8)) != 0;
            for (int i = 0; i < width; i++) {
                int mask = writable[offset + i];
                values[offset + i] = (byte) ((values[offset + i] & ~mask) | ((value >>> (8 * i)) & mask));
            }
            command = plain(ConfigImage.COMMAND, 2);
            if (messageControl >= 0) {
                control = plain(messageControl, 2);
            }
        } finally {
            lock.unlock();
        }
        if (touches(offset, width, ConfigImage.COMMAND)) {
            effects.command(command);
        }
        if (touches(offset, width, messageControl + 1) || (msi && touches(offset, width, messageControl))) {
            effects.messageControl(control);
        }
        if (reset) {
            effects.initiateReset();
        }
    }

    /** Sets and clears bits of the command register. */
    void command(int set, int clear) {
        write(ConfigImage.COMMAND, 2, (read(ConfigImage.COMMAND, 2) & ~clear) | set);
    }

    /** Turns MSI-X, without a mask, or MSI on, or off. */
    void messages(boolean on) {
        if (messageControl >= 0) {
            int enable = msi ? ConfigImage.MSI_ENABLE : ConfigImage.MSIX_ENABLE;
            write(messageControl, 2, on ? enable : 0);
        }
    }

    /** Says what the message of MSI is; that of MSI-X is in its table. */
    void message(long address, int data) {
        if (msi) {
            write(messageControl + 2, 4, (int) address);
            write(messageControl + 6, 4, (int) (address >>> 32));
            write(messageControl + 10, 2, data);
        }
    }

    private void assignAddresses(ConfigImage image, long base) {
        long next = base;
        for (BarInfo bar : image.bars()) {
            next = (next + bar.size() - 1) & -bar.size();
            int offset = FIRST_BAR + 4 * bar.index();
            write(offset, 4, (int) next);
            if (bar.kind() == BarInfo.Kind.MEMORY64) {
                write(offset + 4, 4, (int) (next >>> 32));
            }
            next += bar.size();
        }
    }

    private static boolean touches(int offset, int width, int at) {
        return at >= 1 && at >= offset && at < offset + width;
    }

    private int plain(int offset, int width) {
        int value = 0;
        for (int i = 0; i < width; i++) {
            value |= (values[offset + i] & 0xff) << (8 * i);
        }
        return value;
    }

    private int readBad(int offset, int width) {
        int value = 0;
        for (int i = 0; i < width; i++) {
            int at = offset + i;
            int octet = values[at] & 0xff;
            if (at == CAPABILITIES || at == BROKEN_LINK + 1) {
                octet = BROKEN_LINK;
            } else if (at >= FIRST_BAR && at < LAST_BAR + 4) {
                // Type 3 is reserved, and no size has ever looked like this.
                octet = (at & 3) == 0 ? 0x36 : 0xa5;
            }
            value |= octet << (8 * i);
        }
        return value;
    }
}
