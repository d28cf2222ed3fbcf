package org.busbar.shell.internal.driver;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.felix.service.command.Descriptor;
import org.busbar.pci.PciBus;
import org.busbar.shell.internal.Failure;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** {@code driver:update} and {@code driver:swap}. One at a time. */
@Component(service = DriverCommands.class, property = {
    "osgi.command.scope=driver",
    "osgi.command.function=update",
    "osgi.command.function=swap"
})
public final class DriverCommands {

    private final BundleContext context;
    private final PciBus bus;
    private final ReentrantLock one = new ReentrantLock();

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile @Nullable PlacedJars placed;

    @Activate
    public DriverCommands(@Reference PciBus bus, BundleContext context) {
        this.bus = bus;
        this.context = context;
    }

    private interface Work {
        String run(DriverJar jar, InstalledDriver installed, HotFolder folder) throws IOException, InterruptedException;
    }

    @Descriptor("updates a driver in place, and says how long its devices had none; if the new one does not start the old one is brought back")
    public String update(@Descriptor("jar with another version of an installed driver") String jar) {
        return run(jar, (checked, installed, folder) -> new DriverUpdate(context, bus, folder).run(checked, installed));
    }

    @Descriptor("starts a newer driver beside the one that runs, has it take the devices over one by one, and removes the old one")
    public String swap(@Descriptor("jar with another version of an installed driver") String jar) {
        return run(jar, (checked, installed, folder) -> new DriverSwap(context, bus, folder, placed)
                .run(checked, installed));
    }

    private String run(String jar, Work work) {
        DriverJar checked = DriverJar.at(jar);
        HotFolder folder = new HotFolder(context);
        folder.requireElsewhere(checked);
        if (!one.tryLock()) {
            throw new Failure("another driver is being replaced; try again when that is done");
        }
        try {
            return work.run(checked, InstalledDriver.of(context, checked), folder);
        } catch (IOException e) {
            throw new Failure(jar + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", e);
        } finally {
            one.unlock();
        }
    }
}
