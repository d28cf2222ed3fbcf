package org.busbar.emulator.internal.function;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.emulator.internal.model.CardThread;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.pci.host.InterruptPort;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's side of a card's interrupts: sets the vectors up, takes the messages, and calls the sink from a thread of
 * its own.
 */
final class EmulatedInterrupts implements InterruptPort {

    private static final Logger LOG = LoggerFactory.getLogger(EmulatedInterrupts.class);
    /** Where interrupt messages are written to on x86. */
    private static final long MESSAGE_ADDRESS = 0xfee0_0000L;

    private static final long PATIENCE_MILLIS = 10_000;

    private final MessageVectors table;
    private final ConfigRegisters config;
    private final @Nullable BooleanSupplier pin;
    private final BooleanSupplier present;
    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Delivery delivery;
    private boolean closed;

    /**
     * @param model whose pin it may be
     * @param present whether the card is still there; what it has sent before counts no more once it is not
     */
    EmulatedInterrupts(
            MessageVectors table,
            ConfigRegisters config,
            DeviceModel model,
            BooleanSupplier present,
            String name) {
        pin = model.config().hasInterruptPin() ? model::pinAsserted : null;
        this.table = table;
        this.config = config;
        this.present = present;
        this.name = name;
    }

    @Override
    public int available() {
        return table.vectors();
    }

    @Override
    public void enable(int count, Sink sink) throws IOException {
        if (count < 1 || count > available()) {
            throw new IOException("the function has " + available() + " interrupt vectors, not " + count);
        }
        start(new Delivery(count, sink, null, present, name));
        for (int vector = 0; vector < count; vector++) {
            table.program(vector, MESSAGE_ADDRESS, vector);
        }
        config.message(MESSAGE_ADDRESS, 0);
        config.messages(true);
    }

    @Override
    public boolean hasPin() {
        return pin != null;
    }

    @Override
    public void enablePin(Sink sink) throws IOException {
        if (pin == null) {
            throw new IOException("the function has no interrupt pin");
        }
        start(new Delivery(1, sink, pin, present, name));
        pinMayBeAsserted();
    }

    private void start(Delivery started) throws IOException {
        lock.lock();
        try {
            if (closed || delivery != null) {
                throw new IOException(closed ? "the function is closed" : "interrupts are enabled already");
            }
            delivery = started;
            started.thread.start();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void disable() {
        Delivery ended;
        lock.lock();
        try {
            ended = delivery;
            delivery = null;
        } finally {
            lock.unlock();
        }
        if (ended == null) {
            return;
        }
        config.messages(false);
        for (int vector = 0; vector < table.vectors(); vector++) {
            table.mask(vector);
        }
        if (!ended.stop(Deadline.afterMillis(PATIENCE_MILLIS))) {
            LOG.error("{}: an interrupt handler has not returned for {} ms; its thread is left behind", name,
                    PATIENCE_MILLIS);
        }
    }

    /** Turns interrupts off for good. */
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        disable();
    }

    /** The pin may be asserted: whoever listens to it looks. */
    void pinMayBeAsserted() {
        Delivery current = delivery;
        if (current != null && current.pin != null && current.pin.getAsBoolean()) {
            current.fire(0);
        }
    }

    /** A card wrote a message. */
    void deliver(int data) {
        Delivery current = delivery;
        if (current != null && current.pin == null) {
            current.fire(data);
        }
    }

    /** Vectors that have fired and were not handled yet, and the thread that handles them. */
    private static final class Delivery {

        private final int count;
        private final Sink sink;
        private final @Nullable BooleanSupplier pin;
        private final BooleanSupplier present;
        private final AtomicLongArray fired;
        private final Thread thread;
        // As in DeviceThread: one side stores fired, then reads parked; the other the reverse.
        private volatile boolean parked;
        private volatile boolean stopping;

        /** @param pin whether the pin is asserted, null for messages */
        Delivery(int count, Sink sink, @Nullable BooleanSupplier pin, BooleanSupplier present, String name) {
            this.count = count;
            this.sink = sink;
            this.pin = pin;
            this.present = present;
            fired = new AtomicLongArray((count + 63) / 64);
            thread = CardThread.unstarted(name + "-irq", this::run);
        }

        void fire(int vector) {
            if (vector < 0 || vector >= count) {
                return;
            }
            fired.accumulateAndGet(vector >> 6, 1L << vector, (old, bit) -> old | bit);
            if (parked) {
                LockSupport.unpark(thread);
            }
        }

        boolean stop(Deadline deadline) {
            stopping = true;
            LockSupport.unpark(thread);
            if (Thread.currentThread().equals(thread)) {
                return true;
            }
            boolean interrupted = false;
            while (thread.isAlive() && !deadline.expired()) {
                try {
                    thread.join(deadline.remaining());
                } catch (InterruptedException e) {
                    // That the sink does not run afterwards holds for interrupted callers too.
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return !thread.isAlive();
        }

        private void run() {
            while (!stopping) {
                if (!handle()) {
                    parked = true;
                    if (!stopping && !anyFired()) {
                        LockSupport.park(this);
                    }
                    parked = false;
                }
            }
        }

        private boolean handle() {
            boolean any = false;
            for (int word = 0; word < fired.length(); word++) {
                long bits = fired.getAndSet(word, 0);
                while (bits != 0 && !stopping && present.getAsBoolean()) {
                    int bit = Long.numberOfTrailingZeros(bits);
                    bits &= bits - 1;
                    any = true;
                    call(64 * word + bit);
                    if (pin != null && pin.getAsBoolean()) {
                        // Not masked any more, and asserted still: it fires again.
                        fire(0);
                    }
                }
            }
            return any;
        }

        private void call(int vector) {
            try {
                sink.fired(vector);
            } catch (RuntimeException e) {
                LOG.error("{}: the handler of interrupt vector {} threw", thread.getName(), vector, e);
            }
        }

        private boolean anyFired() {
            for (int word = 0; word < fired.length(); word++) {
                if (fired.get(word) != 0) {
                    return true;
                }
            }
            return false;
        }
    }
}
