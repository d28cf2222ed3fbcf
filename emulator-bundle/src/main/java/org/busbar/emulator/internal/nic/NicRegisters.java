package org.busbar.emulator.internal.nic;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The registers behind BAR0. Registers have 32 bits: narrower reads give a part, narrower writes are ignored, wider
 * accesses are two. Most only keep what is written; those with a mind of their own are here. Thread-safe.
 */
final class NicRegisters {

    private static final int LAST = Reg.SIZE / 4;

    private final AtomicIntegerArray values = new AtomicIntegerArray(LAST);
    private final Family family;
    private final NicInterrupts interrupts;
    private final Nvm nvm;
    private final Phy phy;
    private final Runnable wake;
    private final Object control = new Object();
    private int resetsAsked; // guarded by control
    private final Underway master = new Underway();
    private final Underway receiver = new Underway();
    private final Underway transmitter = new Underway();

    NicRegisters(Family family, NicInterrupts interrupts, Nvm nvm, Phy phy, Runnable wake) {
        this.family = family;
        this.interrupts = interrupts;
        this.nvm = nvm;
        this.phy = phy;
        this.wake = wake;
        reset();
    }

    /** All that accesses memory. */
    Underway master() {
        return master;
    }

    Underway receiver() {
        return receiver;
    }

    Underway transmitter() {
        return transmitter;
    }

    /** Gives all registers their initial values, as the NVM has them. */
    void reset() {
        int asked = resetsAsked();
        int link = get(Reg.STATUS) & Reg.STATUS_LINK_UP;
        for (int i = 0; i < LAST; i++) {
            if (i != Reg.CTRL >>> 2) {
                values.setOpaque(i, 0);
            }
        }
        set(Reg.STATUS, family.status() | link);
        set(Reg.EECD, 0x0000_1b10);
        set(Reg.MDIC, 1 << 28);
        set(Reg.VET, 0x8100);
        set(Reg.LEDCTL, 0x0706_8302);
        set(Reg.PBA, family.isExpress() ? 0x0014_0014 : 0x0010_0030);
        set(Reg.TIPG, 0x0060_2006);
        for (int queue = 0; queue < family.queues(); queue++) {
            set(Reg.RXDCTL + queue * Reg.QUEUE_STRIDE, 0x0001_0000);
        }
        if (family.isExpress()) {
            set(Reg.FCAL, 0x00c2_8001);
            set(Reg.FCAH, 0x0000_0100);
            set(Reg.FCT, 0x0000_8808);
            set(Reg.TARC, 0x0000_0403);
            set(Reg.TARC + Reg.QUEUE_STRIDE, 0x0000_0403);
        }
        set(Reg.RAL, nvm.word(0) | (nvm.word(1) << 16));
        set(Reg.RAH, nvm.word(2) | Reg.RAH_VALID);
        // Last, and seen after all else: a driver waits for CTRL.RST to clear. A reset that was asked for meanwhile is not
        // lost: what was written before it may have survived this one.
        synchronized (control) {
            if (resetsAsked == asked) {
                set(Reg.CTRL, family.ctrl());
            }
        }
    }

    private int resetsAsked() {
        synchronized (control) {
            return resetsAsked;
        }
    }

    int get(int offset) {
        return values.get(offset >>> 2);
    }

    void set(int offset, int value) {
        values.set(offset >>> 2, value);
    }

    /** Adds to a counter that stays at its maximum once it is there. */
    void count(int offset, int more) {
        int index = offset >>> 2;
        int old;
        int sum;
        do {
            old = values.get(index);
            sum = Integer.compareUnsigned(old + more, old) < 0 ? -1 : old + more;
        } while (!values.compareAndSet(index, old, sum));
    }

    /** Adds to a counter of two registers. The carry may be seen late, by nobody who reads the lower half first. */
    void count64(int offset, int more) {
        int index = offset >>> 2;
        int old = values.getAndAdd(index, more);
        if (Integer.compareUnsigned(old + more, old) < 0) {
            values.incrementAndGet(index + 1);
        }
    }

    void link(boolean up) {
        status(Reg.STATUS_LINK_UP, up);
    }

    void transmitPaused(boolean paused) {
        status(Reg.STATUS_TRANSMIT_PAUSED, paused);
    }

    private void status(int bit, boolean on) {
        values.getAndAccumulate(Reg.STATUS >>> 2, bit, (old, one) -> on ? old | one : old & ~one);
    }

    /** The device takes bits back that software has set. */
    void clear(int offset, int bits) {
        values.getAndAccumulate(offset >>> 2, bits, (old, some) -> old & ~some);
    }

    long read(long offset, int width) {
        int at = (int) offset & ~3;
        if (width == 8) {
            long low = read32(at) & 0xffff_ffffL;
            return ((long) read32(at + 4) << 32) | low;
        }
        return (read32(at) & 0xffff_ffffL) >>> (8 * (offset & 3));
    }

    void write(long offset, int width, long value) {
        if (width < 4) {
            return;
        }
        write32((int) offset, (int) value);
        if (width == 8) {
            write32((int) offset + 4, (int) (value >>> 32));
        }
    }

    private int read32(int offset) {
        int at = Reg.canonical(offset);
        return switch (at) {
            case Reg.ICR -> interrupts.takeCauses();
            case Reg.ICS -> interrupts.peekCauses();
            case Reg.IMS -> interrupts.mask();
            case Reg.IMC -> 0;
            case Reg.STATUS -> status();
            case Reg.SWSM -> values.getAndAccumulate(at >>> 2, 1, (old, bit) -> old | bit);
            default -> Stat.isAt(at) ? statistic(at) : get(at);
        };
    }

    /** CTRL.GIO Master Disable: no accesses to memory (82574: section 10.2.2.1). */
    boolean masterDisabled() {
        return family.isExpress() && (get(Reg.CTRL) & Reg.CTRL_MASTER_DISABLE) != 0;
    }

    private int status() {
        // In this order: what is begun later knows that it is disabled. Until the last access has ended it is enabled.
        boolean master = family.isExpress() && (!masterDisabled() || master().isBusy());
        return get(Reg.STATUS) | (master ? Reg.STATUS_MASTER_ENABLED : 0);
    }

    /** Counters are cleared by reading; those of two registers by reading the upper one. */
    private int statistic(int at) {
        if (Stat.isLowerHalf(at)) {
            return get(at);
        }
        if (Stat.isLowerHalf(at - 4)) {
            set(at - 4, 0);
        }
        return values.getAndSet(at >>> 2, 0);
    }

    private void write32(int offset, int value) {
        int at = Reg.canonical(offset);
        switch (at) {
            case Reg.CTRL -> control(value);
            case Reg.STATUS -> {
                if (family.isExpress() && (value & Reg.STATUS_PHY_RESET_ASSERTED) == 0) {
                    status(Reg.STATUS_PHY_RESET_ASSERTED, false);
                }
            }
            case Reg.EECD -> set(at, (get(at) & Reg.EECD_READ_ONLY) | (value & ~Reg.EECD_READ_ONLY));
            case Reg.EERD -> set(at, nvm.read(value));
            case Reg.MDIC -> {
                set(at, phy.access(value));
                if ((value & (1 << 29)) != 0) {
                    interrupts.raise(Reg.MDAC);
                }
            }
            case Reg.ICR -> interrupts.clear(value);
            case Reg.ICS -> interrupts.raise(value);
            case Reg.IMS -> interrupts.unmask(value);
            case Reg.IMC -> interrupts.mask(value);
            case Reg.CTRL_EXT -> configure(at, value & ~Reg.CTRL_EXT_SELF_CLEARING);
            case Reg.EIAC, Reg.IAM, Reg.IVAR -> configure(at, value);
            case Reg.FWSM, Reg.FACTPS -> {}
            case Reg.RCTL -> {
                setAndWake(at, value);
                if ((value & Reg.RCTL_ENABLE) == 0) {
                    receiver.turnedOff();
                }
            }
            case Reg.TCTL -> {
                setAndWake(at, value);
                if ((value & Reg.TCTL_ENABLE) == 0) {
                    transmitter.turnedOff();
                }
            }
            case Reg.TARC, Reg.TARC + Reg.QUEUE_STRIDE, Reg.RDTR, Reg.FCRTL, Reg.FCRTH ->
                setAndWake(at, value);
            default -> other(at, value);
        }
    }

    private void control(int value) {
        if ((value & Reg.CTRL_PHY_RST) != 0) {
            phy.reset();
        }
        synchronized (control) {
            if ((value & Reg.CTRL_RST) != 0) {
                resetsAsked++;
            }
            set(Reg.CTRL, value & ~Reg.CTRL_PHY_RST);
        }
        wake.run();
    }

    private void configure(int at, int value) {
        set(at, value);
        interrupts.configure(get(Reg.EIAC), get(Reg.IAM), get(Reg.IVAR), get(Reg.CTRL_EXT));
    }

    private void throttle(int at, int value) {
        set(at, value & 0xffff);
        for (int vector = 0; vector < family.vectors(); vector++) {
            interrupts.throttle(vector, get(family.isExpress() ? Reg.EITR + 4 * vector : Reg.ITR));
        }
    }

    private void other(int at, int value) {
        if (Stat.isAt(at)) {
            return;
        }
        if (family.isExpress() ? at >= Reg.EITR && at < Reg.EITR + 4 * family.vectors() : at == Reg.ITR) {
            throttle(at, value);
            return;
        }
        boolean ring = (at & ~0x11f) == Reg.RDBAL || (at & ~0x11f) == Reg.TDBAL;
        switch (ring ? at & 0x1f : -1) {
            case 0x00 -> set(at, value & ~0xf);
            case 0x08 -> set(at, value & 0xf_ff80);
            case 0x10 -> set(at, value & 0xffff);
            case 0x18 -> setAndWake(at, value & 0xffff);
            default -> set(at, value);
        }
    }

    private void setAndWake(int at, int value) {
        set(at, value);
        wake.run();
    }
}
