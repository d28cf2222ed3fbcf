package org.busbar.emulator.internal.nic;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.busbar.emulator.internal.model.DeviceModel;

/**
 * Causes, masks and vectors (82574: sections 7.4 and 10.2.4; 8254x manual: sections 3.2.7 and 13.4.17). With MSI-X a cause
 * that is not masked sends the message of the vector that IVAR names, once until it is cleared. Without, there is one
 * message for when the first cause appears that is not masked. Thread-safe; messages are sent without the lock.
 */
final class NicInterrupts {

    private static final int ROUTED = Reg.RXQ0 | Reg.RXQ1 | Reg.TXQ0 | Reg.TXQ1 | Reg.OTHER;
    /** Causes that show as OTHER. */
    private static final int OTHER_CAUSES = Reg.LSC | Reg.RXO | Reg.MDAC | Reg.SRPD | Reg.ACK | Reg.MNG;

    private static final int IVAR_VALID = 8;

    private final ReentrantLock lock = new ReentrantLock();
    private final Family family;
    private final IntConsumer message;
    private final Runnable wake;
    private final LongSupplier clock;
    private final Throttle throttle;

    private int icr;
    private int ims;
    private int eiac;
    private int iam;
    private int ivar;
    private boolean eiame;
    private boolean iame;
    /** Causes whose message was sent and that have not been cleared since. */
    private int sent;
    /** Whether a message waits for its time, and for how long from when that was found. */
    private volatile boolean waiting;

    private long shortestWait;
    /** Without MSI-X: whether the interrupt is asserted. */
    private volatile boolean line;

    /**
     * @param message sends the message of a vector
     * @param wake has the device call {@link #sendDue}
     * @param clock nanoseconds
     */
    NicInterrupts(Family family, IntConsumer message, Runnable wake, LongSupplier clock) {
        this.family = family;
        this.message = message;
        this.wake = wake;
        this.clock = clock;
        throttle = new Throttle(family.vectors());
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
            waiting = false;
            line = false;
            throttle.reset();
        } finally {
            lock.unlock();
        }
    }

    /** Something has happened: by the device, or by software through ICS. */
    void raise(int causes) {
        int vectors;
        lock.lock();
        try {
            icr |= causes & family.causes() & ~Reg.INT_ASSERTED;
            vectors = update();
        } finally {
            lock.unlock();
        }
        send(vectors);
    }

    /** Sends the messages whose time has come; returns in how many nanoseconds the next one may be sent. */
    long sendDue() {
        if (!waiting) {
            return DeviceModel.IDLE;
        }
        int vectors;
        long wait;
        lock.lock();
        try {
            vectors = update();
            wait = waiting ? shortestWait : DeviceModel.IDLE;
        } finally {
            lock.unlock();
        }
        send(vectors);
        return wait;
    }

    /** Reads ICR: cleared, but on the 82574 only if nothing is unmasked, or if an interrupt is asserted. */
    int takeCauses() {
        lock.lock();
        try {
            int value = causes();
            boolean asserted = (value & Reg.INT_ASSERTED) != 0;
            if (ims == 0 || asserted || !family.isExpress()) {
                icr = 0;
                sent = 0;
                line = false;
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
            ims |= causes & family.causes() & ~Reg.INT_ASSERTED;
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
            sent &= ims;
            line &= (icr & ims) != 0;
        } finally {
            lock.unlock();
        }
    }

    /** Takes over EIAC, IAM, IVAR and CTRL_EXT after one of them was written. */
    void configure(int newEiac, int newIam, int newIvar, int ctrlExt) {
        if (!family.isExpress()) {
            return;
        }
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

    /** Takes over ITR or EITR. */
    void throttle(int vector, int units) {
        int vectors;
        lock.lock();
        try {
            throttle.interval(vector, units);
            vectors = waiting ? update() : 0;
        } finally {
            lock.unlock();
        }
        send(vectors);
    }

    private int causes() {
        return (icr & ims) != 0 && family.isExpress() ? icr | Reg.INT_ASSERTED : icr;
    }

    /** Returns the vectors whose messages are to be sent. */
    private int update() {
        boolean waited = waiting;
        waiting = false;
        shortestWait = DeviceModel.IDLE;
        int vectors = family.isExpress() ? updateVectors() : updateLine();
        if (waiting && !waited) {
            wake.run();
        }
        return vectors;
    }

    /** One message for all: when there is a cause, after there was none. */
    private int updateLine() {
        boolean active = (icr & ims) != 0;
        if (active && !line && mayBeSent(0, clock.getAsLong())) {
            line = true;
            return 1;
        }
        line &= active;
        return 0;
    }

    /** Without MSI-X: returns whether the interrupt is asserted, which a pin shows as long as that holds. */
    boolean isAsserted() {
        return line;
    }

    private int updateVectors() {
        if ((icr & OTHER_CAUSES) != 0) {
            icr |= Reg.OTHER;
        }
        int active = icr & ims & ROUTED;
        int fresh = active & ~sent;
        sent &= active;
        if (fresh == 0) {
            return 0;
        }
        int vectors = 0;
        int late = 0;
        long now = clock.getAsLong();
        while (fresh != 0) {
            int cause = fresh & -fresh;
            fresh &= ~cause;
            int entry = entry(cause);
            if ((entry & IVAR_VALID) == 0 || (entry & 7) >= family.vectors()) {
                sent |= cause;
                continue;
            }
            int vector = 1 << (entry & 7);
            if ((vectors & vector) == 0 && ((late & vector) != 0 || !mayBeSent(entry & 7, now))) {
                late |= vector;
                continue;
            }
            vectors |= vector;
            sent |= cause;
            int automatic = cause & eiac;
            icr &= ~automatic;
            sent &= ~automatic;
            if (eiame) {
                ims &= ~(cause & iam);
            }
        }
        return vectors;
    }

    private boolean mayBeSent(int vector, long now) {
        long wait = throttle.wait(vector, now);
        if (wait == 0) {
            throttle.sent(vector, now);
            return true;
        }
        waiting = true;
        shortestWait = Math.min(shortestWait, wait);
        return false;
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
