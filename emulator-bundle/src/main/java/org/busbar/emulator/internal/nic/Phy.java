package org.busbar.emulator.internal.nic;

import java.util.concurrent.atomic.AtomicIntegerArray;

/** The PHY behind MDIC (datasheet, sections 9 and 10.2.2.7): the registers of IEEE 802.3, clause 22. Thread-safe. */
final class Phy {

    private static final int REGISTERS = 32;
    private static final int ADDRESS = 1;
    private static final int CONTROL = 0;
    private static final int STATUS = 1;
    private static final int CONTROL_RESET = 1 << 15;
    private static final int CONTROL_RESTART = 1 << 9;
    private static final int SPECIFIC_STATUS = 17;
    /** 1,000 Mb/s, full duplex, resolved, link (PHY specific status). */
    private static final int SPECIFIC_UP = 0xac00;

    private static final int STATUS_LINK = 1 << 2;
    private static final int STATUS_NEGOTIATED = 1 << 5;

    private static final int WRITE = 1;
    private static final int READ = 2;
    private static final int READY = 1 << 28;
    private static final int ERROR = 1 << 30;

    private final AtomicIntegerArray values = new AtomicIntegerArray(REGISTERS);
    private volatile boolean linkUp;

    private final int identifier;

    /** @param identifier registers 2 and 3 */
    Phy(int identifier) {
        this.identifier = identifier;
        reset();
    }

    void reset() {
        values.set(CONTROL, 0x1140);
        values.set(STATUS, 0x7949);
        values.set(2, identifier >>> 16);
        values.set(3, identifier & 0xffff);
        values.set(4, 0x0de1);
        values.set(5, 0x45e1);
        values.set(9, 0x0e00);
        values.set(10, 0x3c00);
        values.set(15, 0x3000);
    }

    void link(boolean up) {
        linkUp = up;
    }

    /** Carries out what was written to MDIC, and returns what it reads as from then on. */
    int access(int mdic) {
        int register = (mdic >>> 16) & 31;
        int operation = (mdic >>> 26) & 3;
        if (((mdic >>> 21) & 31) != ADDRESS || (operation != READ && operation != WRITE)) {
            return (mdic & ~READY) | READY | ERROR;
        }
        int command = mdic & ~(READY | ERROR);
        if (operation == WRITE) {
            write(register, mdic & 0xffff);
            return command | READY;
        }
        return (command & ~0xffff) | read(register) | READY;
    }

    private int read(int register) {
        int value = values.get(register);
        return switch (register) {
            case STATUS -> linkUp ? value | STATUS_LINK | STATUS_NEGOTIATED : value;
            case SPECIFIC_STATUS -> linkUp ? SPECIFIC_UP : 0;
            default -> value;
        };
    }

    private void write(int register, int value) {
        if (register == CONTROL) {
            values.set(CONTROL, value & ~(CONTROL_RESET | CONTROL_RESTART));
        } else if (register != STATUS && register != 2 && register != 3 && register != 5 && register != 10
                && register != SPECIFIC_STATUS) {
            values.set(register, value);
        }
    }
}
