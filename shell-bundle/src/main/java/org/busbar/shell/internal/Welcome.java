package org.busbar.shell.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.apache.felix.service.command.CommandProcessor;
import org.busbar.pci.PciBus;
import org.busbar.shell.internal.text.PciNames;
import org.busbar.shell.internal.text.StandardStreams;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The session of whoever starts Busbar without saying what for: shows the device tree. On a terminal a prompt follows,
 * which the console bundle gives; otherwise the commands that come over the pipe are run until it ends.
 */
@Component(service = Callable.class, property = "busbar.mode=shell")
public final class Welcome implements Callable<Integer> {

    private final CommandProcessor processor;
    private final PciBus bus;
    private final boolean terminal;
    private final PrintStream out = StandardStreams.out();

    @Activate
    public Welcome(@Reference CommandProcessor processor, @Reference PciBus bus, BundleContext context) {
        this.processor = processor;
        this.bus = bus;
        terminal = Boolean.parseBoolean(context.getProperty("busbar.terminal"));
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        FirstLook.settle(bus);
        out.println(DeviceTree.draw(bus, PciNames.ofThisMachine()));
        if (terminal) {
            out.println("\npci:why ADDRESS explains, help lists the commands, exit ends.");
        } else {
            new CommandLines(processor)
                    .piped(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
        }
        return 0;
    }
}
