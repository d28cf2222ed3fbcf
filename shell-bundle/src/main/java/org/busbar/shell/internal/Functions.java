package org.busbar.shell.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.busbar.device.dto.BusDTO;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciDevice;

/**
 * The functions of the bus at one moment, each with its state.
 *
 * @param bus the snapshot
 * @param all by address
 */
record Functions(BusDTO bus, List<Function> all) {

    /**
     * A function.
     *
     * @param device the function itself
     * @param state what the core says of it
     */
    record Function(PciDevice device, DeviceDTO state) {}

    static Functions of(PciBus bus) {
        BusDTO snapshot = bus.snapshot();
        List<Function> all = snapshot.devices.stream()
                .flatMap(state -> bus.device(PciAddress.parse(state.address))
                        .map(device -> new Function(device, state))
                        .stream())
                .sorted(Comparator.comparing(function -> function.device().address()))
                .toList();
        return new Functions(snapshot, all);
    }

    /** Returns the function at an address given by a user. */
    static Function at(PciBus bus, String text) {
        PciAddress address = Verb.get(() -> PciAddress.parse(text));
        Functions functions = of(bus);
        return functions.all()
                .stream()
                .filter(function -> function.device().address().equals(address))
                .findFirst()
                .orElseThrow(() -> new Failure("there is no function at " + address + "; pci:list shows the "
                        + functions.all().size() + " that there are"));
    }

    /** Returns who drives a function, kernel drivers in parentheses, a dash if nobody does. */
    static String driver(Function function) {
        return Optional.ofNullable(function.state().driver)
                .or(() -> function.device().kernelDriver().map(kernel -> "(" + kernel + ")"))
                .orElse("-");
    }
}
