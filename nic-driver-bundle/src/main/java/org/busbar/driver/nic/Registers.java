package org.busbar.driver.nic;

import org.busbar.pci.Bar;

/** The controller's registers, in BAR0, by what they are for. */
final class Registers {

    private final ControlRegisters control;
    private final InterruptRegisters interrupts;
    private final ReceiveRegisters receive;
    private final TransmitRegisters transmit;
    private final FilterRegisters filter;
    private final SpreadRegisters spread;
    private final PauseRegisters pauses;
    private final LightRegister lights;
    private final HardwareCounters counters;

    Registers(Bar bar, Family family) {
        control = new ControlRegisters(bar, family);
        interrupts = new InterruptRegisters(bar);
        receive = new ReceiveRegisters(bar);
        transmit = new TransmitRegisters(bar, family);
        filter = new FilterRegisters(bar);
        spread = new SpreadRegisters(bar);
        pauses = new PauseRegisters(bar);
        lights = new LightRegister(bar, family.lights());
        counters = new HardwareCounters(bar, control, family);
    }

    ControlRegisters control() {
        return control;
    }

    InterruptRegisters interrupts() {
        return interrupts;
    }

    ReceiveRegisters receive() {
        return receive;
    }

    TransmitRegisters transmit() {
        return transmit;
    }

    FilterRegisters filter() {
        return filter;
    }

    SpreadRegisters spread() {
        return spread;
    }

    PauseRegisters pauses() {
        return pauses;
    }

    LightRegister lights() {
        return lights;
    }

    HardwareCounters counters() {
        return counters;
    }

    /** Stops both directions; what was begun ends. */
    void stop() {
        receive.enable(false);
        transmit.enable(false);
        control.flush();
    }
}
