package org.busbar.pci.internal.context;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.InterruptWaiter;
import org.busbar.pci.Interrupts;
import org.busbar.pci.host.InterruptPort;
import org.jspecify.annotations.Nullable;

/** Hands the interrupts of a function to its driver's handler. A handler that throws ends the binding, not the host's thread. */
final class DriverInterrupts implements Interrupts, InterruptPort.Sink {

    private enum State {
        OFF,
        ON,
        FAILED,
        CLOSED
    }

    private final DeviceContext context;
    private final InterruptPort port;
    private final AtomicReference<State> state = new AtomicReference<>(State.OFF);
    private volatile @Nullable Handler handler;
    private volatile int enabled;

    DriverInterrupts(DeviceContext context, InterruptPort port) {
        this.context = context;
        this.port = port;
    }

    @Override
    public int available() {
        return port.available();
    }

    @Override
    public void enable(int vectors, Handler newHandler) throws IOException {
        requireOpen();
        int available = port.available();
        if (vectors < 1 || vectors > available) {
            throw new IllegalArgumentException("%s has %d interrupt vectors: 1 to %d can be enabled, not %d"
                    .formatted(context.id().address(), available, available, vectors));
        }
        turnOn(newHandler, () -> port.enable(vectors, this));
        enabled = vectors;
    }

    @Override
    public boolean hasPin() {
        return port.hasPin();
    }

    @Override
    public void enablePin(Handler newHandler) throws IOException {
        requireOpen();
        if (!port.hasPin()) {
            throw new IllegalArgumentException(context.id().address() + " has no interrupt pin");
        }
        turnOn(newHandler, () -> port.enablePin(this));
    }

    private interface Switch {
        void turn() throws IOException;
    }

    private void turnOn(Handler newHandler, Switch on) throws IOException {
        if (!state.compareAndSet(State.OFF, State.ON)) {
            throw new IllegalStateException(context.id().address() + ": interrupts are enabled already");
        }
        handler = newHandler;
        boolean done = false;
        try {
            on.turn();
            done = true;
        } finally {
            if (!done) {
                handler = null;
                state.compareAndSet(State.ON, State.OFF);
            }
        }
        if (state.get() == State.CLOSED) {
            // disable() came while the host was turning them on, and may have found nothing to turn off.
            port.disable();
            requireOpen();
        }
    }

    @Override
    public Optional<InterruptWaiter> waiter(int vector) {
        if (vector < 0 || vector >= enabled) {
            throw new IllegalArgumentException(
                    "%s: vector %d is not enabled, %d are".formatted(context.id().address(), vector, enabled));
        }
        return state.get() == State.ON ? port.waiter(vector) : Optional.empty();
    }

    @Override
    public void fired(int vector) {
        Handler current = handler;
        if (current == null || state.get() != State.ON) {
            return;
        }
        try {
            current.interrupt(vector);
        } catch (RuntimeException | Error e) {
            if (state.compareAndSet(State.ON, State.FAILED) && !context.isRevoked()) {
                context.fail(e);
            }
        }
    }

    /** Turns interrupts off for good. When this returns the handler is not running, unless it is what calls. */
    void disable() {
        State before = state.getAndSet(State.CLOSED);
        if (before != State.OFF) {
            port.disable();
        }
        handler = null;
    }

    private void requireOpen() {
        if (state.get() == State.CLOSED || context.isRevoked()) {
            throw new DeviceGoneException(context.id().address() + " is not driven any more");
        }
    }
}
