package org.busbar.shell.internal;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.PciBus;
import org.busbar.shell.internal.text.PciNames;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The session in front of the prompt: shows the device tree once everything has settled. */
@Component(service = Callable.class, property = "busbar.mode=shell")
public final class Welcome implements Callable<Integer> {

    private static final long PATIENCE_MILLIS = 2_000;

    private final PciBus bus;
    private final PrintStream out = System.out;

    @Activate
    public Welcome(@Reference PciBus bus) {
        this.bus = bus;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            bus.settle(Deadline.afterMillis(PATIENCE_MILLIS));
        } catch (DeviceTimeoutException e) {
            out.println("(not everything has settled yet: " + e.getMessage() + ")");
        }
        out.println(DeviceTree.draw(bus, PciNames.ofThisMachine()));
        return 0;
    }
}
