package org.busbar.driver.nic;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.busbar.device.DeviceGoneException;
import org.busbar.driver.support.Gate;
import org.busbar.driver.support.LinkMonitor;
import org.busbar.driver.support.Signal;
import org.busbar.pci.Interrupts;

/**
 * Tells whoever waits for frames, or watches the link, that there is something to see. With MSI-X each receive queue has a
 * vector and all else shares one; with MSI or a pin there is one interrupt, and ICR says what for. The cause of a queue is
 * masked when it has fired, until somebody waits again: a queue that is read all the time costs no interrupts. Thread-safe.
 */
final class InterruptHandler {

    /** How interrupts come. */
    enum Kind {
        MSI_X,
        MSI,
        PIN,
        NONE
    }

    private final Registers registers;
    private final Gate gate;
    private final LinkMonitor monitor;
    private final Kind kind;
    private final List<Signal> received;

    private InterruptHandler(Registers registers, Gate gate, LinkMonitor monitor, Kind kind, int queues) {
        this.registers = registers;
        this.gate = gate;
        this.monitor = monitor;
        this.kind = kind;
        received = IntStream.range(0, queues).mapToObj(queue -> new Signal()).toList();
    }

    /** Chooses the best that there is. */
    static Kind choose(Interrupts interrupts, Family family) {
        if (family.messageVectors() && interrupts.available() > family.queues()) {
            return Kind.MSI_X;
        }
        if (interrupts.available() == 1) {
            return Kind.MSI;
        }
        return interrupts.hasPin() ? Kind.PIN : Kind.NONE;
    }

    /** Turns interrupts on. */
    static InterruptHandler start(
            Interrupts interrupts, Registers registers, Family family, Gate gate, LinkMonitor monitor, Kind kind)
            throws IOException {
        InterruptHandler handler = new InterruptHandler(registers, gate, monitor, kind, family.queues());
        switch (kind) {
            case MSI_X -> interrupts.enable(handler.vectors(), handler::vector);
            case MSI -> interrupts.enable(1, vector -> handler.any());
            case PIN -> interrupts.enablePin(vector -> handler.any());
            case NONE -> {}
        }
        handler.setUp();
        return handler;
    }

    /** Sets the controller up, at first and after a reset. */
    void setUp() {
        if (kind == Kind.MSI_X) {
            registers.interrupts().route(received.size());
        }
        switch (kind) {
            case MSI_X -> registers.interrupts().unmask(InterruptRegisters.LSC | InterruptRegisters.OTHER);
            case MSI, PIN -> registers.interrupts().unmask(InterruptRegisters.LSC);
            case NONE -> {}
        }
    }

    Kind kind() {
        return kind;
    }

    boolean present() {
        return kind != Kind.NONE;
    }

    /** How many vectors are in use. */
    int vectors() {
        return kind == Kind.MSI_X ? received.size() + 1 : 0;
    }

    /** Asks for an interrupt at the next frame of a queue, at once if there has been one since the last. */
    void arm(int queue) {
        switch (kind) {
            case MSI_X -> registers.interrupts().unmask(InterruptRegisters.received(queue));
            case MSI, PIN -> registers.interrupts().unmask(InterruptRegisters.RECEIVED);
            case NONE -> {}
        }
    }

    /** Returns what is raised when a queue may have received something. */
    Signal received(int queue) {
        return received.get(queue);
    }

    /** Has everybody who waits look again. */
    void wake() {
        received.forEach(Signal::raise);
        monitor.lookAgain();
    }

    private void vector(int vector) {
        unlessGone(() -> {
            if (vector < received.size()) {
                registers.interrupts().mask(InterruptRegisters.received(vector));
                received.get(vector).raise();
            } else {
                registers.interrupts().clear(InterruptRegisters.ALL_OTHER_CAUSES);
                monitor.lookAgain();
                registers.interrupts().unmask(InterruptRegisters.LSC | InterruptRegisters.OTHER);
            }
        });
    }

    /** The one interrupt. Reading ICR takes it back, which a pin needs before the handler returns. */
    private void any() {
        unlessGone(() -> {
            int causes = registers.interrupts().take();
            if ((causes & InterruptRegisters.RECEIVED) != 0) {
                registers.interrupts().mask(InterruptRegisters.RECEIVED);
                received.forEach(Signal::raise);
            }
            if ((causes & InterruptRegisters.LSC) != 0) {
                monitor.lookAgain();
            }
        });
    }

    private void unlessGone(Runnable work) {
        if (gate.isGone()) {
            return;
        }
        try {
            work.run();
        } catch (DeviceGoneException e) {
            // Between the gate and the register the device went; whoever waits is woken by the gate.
            wake();
        }
    }
}
