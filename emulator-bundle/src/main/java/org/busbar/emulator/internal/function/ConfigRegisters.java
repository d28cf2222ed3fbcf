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

        /** The message control register of MSI-X was written. */
        void msixControl(int value);

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
    private final int msixControl;
    private final int deviceControl;
    private final Effects effects;
    private volatile boolean bad;

    ConfigRegisters(ConfigImage image, long barBase, Effects effects) {
        values = image.valuesAfterReset();
        writable = image.writableBits();
        msixControl = image.msixOffset().isPresent() ? image.msixOffset().getAsInt() + ConfigImage.MSIX_CONTROL : -1;
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
            if (msixControl >= 0) {
                control = plain(msixControl, 2);
            }
        } finally {
            lock.unlock();
        }
        if (touches(offset, width, ConfigImage.COMMAND)) {
            effects.command(command);
        }
        if (touches(offset, width, msixControl + 1)) {
            effects.msixControl(control);
        }
        if (reset) {
            effects.initiateReset();
        }
    }

    /** Sets and clears bits of the command register. */
    void command(int set, int clear) {
        write(ConfigImage.COMMAND, 2, (read(ConfigImage.COMMAND, 2) & ~clear) | set);
    }

    /** Turns MSI-X on, or off, without a mask. */
    void msix(boolean on) {
        if (msixControl >= 0) {
            write(msixControl, 2, on ? ConfigImage.MSIX_ENABLE : 0);
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
