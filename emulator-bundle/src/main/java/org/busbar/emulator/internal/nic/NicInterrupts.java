package org.busbar.emulator.internal.nic;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * Causes, masks and vectors (datasheet, sections 7.4 and 10.2.4). A cause that is not masked sends the message of the
 * vector that IVAR names, once until it is cleared. Thread-safe; messages are sent without the lock.
 */
final class NicInterrupts {

    private static final int VECTORS = 5;
    private static final int ROUTED = Reg.RXQ0 | Reg.RXQ1 | Reg.TXQ0 | Reg.TXQ1 | Reg.OTHER;
    /** Causes that show as OTHER. */
    private static final int OTHER_CAUSES = Reg.LSC | Reg.RXO | Reg.MDAC | Reg.SRPD | Reg.ACK | Reg.MNG;

    private static final int IVAR_VALID = 8;

    private final ReentrantLock lock = new ReentrantLock();
    private final IntConsumer message;

    private int icr;
    private int ims;
    private int eiac;
    private int iam;
    private int ivar;
    private boolean eiame;
    private boolean iame;
    /** Causes whose message was sent and that have not been cleared since. */
    private int sent;

    NicInterrupts(IntConsumer message) {
        this.message = message;
    }

    void reset() {
        lock.lock();
        try {
            icr = 0;
            ims = 0;
            eiac = 0;
            iam = 0;
            ivar = 0;
            eiame = false;
            iame = false;
            sent = 0;
        } finally {
            lock.unlock();
        }
    }

    /** Something has happened: by the device, or by software through ICS. */
    void raise(int causes) {
        int vectors;
        lock.lock();
        try {
            icr |= causes & ~Reg.INT_ASSERTED;
            vectors = update();
        } finally {
            lock.unlock();
        }
        send(vectors);
    }

    /** Reads ICR: cleared if nothing is unmasked, or if an interrupt is asserted. */
    int takeCauses() {
        lock.lock();
        try {
            int value = causes();
            boolean asserted = (value & Reg.INT_ASSERTED) != 0;
            if (ims == 0 || asserted) {
                icr = 0;
                sent = 0;
            }
            if (asserted && iame) {
                ims &= ~iam;
            }
            return value;
        } finally {
            lock.unlock();
        }
    }

    /** Reads ICS, which shows what ICR has without an effect. */
    int peekCauses() {
        lock.lock();
        try {
            return causes();
        } finally {
            lock.unlock();
        }
    }

    /** Writes ICR: ones clear. */
    void clear(int causes) {
        int vectors;
        lock.lock();
        try {
            if (iame && (causes() & Reg.INT_ASSERTED) != 0) {
                ims &= ~iam;
            }
            icr &= ~causes;
            vectors = update();
        } finally {
            lock.unlock();
        }
        send(vectors);
    }

    int mask() {
        lock.lock();
        try {
            return ims;
        } finally {
            lock.unlock();
        }
    }

    void unmask(int causes) {
        int vectors;
        lock.lock();
        try {
            ims |= causes & ~Reg.INT_ASSERTED;
            vectors = update();
        } finally {
            lock.unlock();
        }
        send(vectors);
    }

    void mask(int causes) {
        lock.lock();
        try {
            ims &= ~causes;
            update();
        } finally {
            lock.unlock();
        }
    }

    /** Takes over EIAC, IAM, IVAR and CTRL_EXT after one of them was written. */
    void configure(int newEiac, int newIam, int newIvar, int ctrlExt) {
        lock.lock();
        try {
            eiac = newEiac;
            iam = newIam;
            ivar = newIvar;
            eiame = (ctrlExt & Reg.CTRL_EXT_EIAME) != 0;
            iame = (ctrlExt & Reg.CTRL_EXT_IAME) != 0;
        } finally {
            lock.unlock();
        }
    }

    private int causes() {
        return (icr & ims) != 0 ? icr | Reg.INT_ASSERTED : icr;
    }

    /** Returns the vectors whose messages are to be sent. */
    private int update() {
        if ((icr & OTHER_CAUSES) != 0) {
            icr |= Reg.OTHER;
        }
        int active = icr & ims & ROUTED;
        int fresh = active & ~sent;
        sent = active;
        int vectors = 0;
        while (fresh != 0) {
            int cause = fresh & -fresh;
            fresh &= ~cause;
            int entry = entry(cause);
            if ((entry & IVAR_VALID) != 0 && (entry & 7) < VECTORS) {
                vectors |= 1 << (entry & 7);
                int automatic = cause & eiac;
                icr &= ~automatic;
                sent &= ~automatic;
                if (eiame) {
                    ims &= ~(cause & iam);
                }
            }
        }
        return vectors;
    }

    /** IVAR has four bits each for RXQ0, RXQ1, TXQ0, TXQ1 and OTHER, in the order of the causes. */
    private int entry(int cause) {
        int field = Integer.numberOfTrailingZeros(cause) - Integer.numberOfTrailingZeros(Reg.RXQ0);
        return (ivar >>> (4 * field)) & 0xf;
    }

    private void send(int vectors) {
        for (int rest = vectors; rest != 0; rest &= rest - 1) {
            message.accept(Integer.numberOfTrailingZeros(rest));
        }
    }
}
