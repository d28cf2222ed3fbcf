package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import org.busbar.block.BlockDevice;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.nvme.internal.Devices;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The exports that there are, by device. They end with their devices, and with this bundle; not with the command that has
 * made them, which is why this is there all the time. Thread-safe.
 */
@Component(service = Exports.class, immediate = true)
public final class Exports {

    private final Map<String, Export> exports = new ConcurrentSkipListMap<>();
    private final Predicate<BlockDevice> offered;
    private final Runnable unlisten;

    @Activate
    public Exports(BundleContext context, @Reference Devices devices) throws InvalidSyntaxException {
        offered = devices::offers;
        ServiceListener listener = event -> {
            if (event.getType() == ServiceEvent.UNREGISTERING
                    && context.getService(event.getServiceReference()) instanceof BlockDevice device) {
                leave(device);
            }
        };
        context.addServiceListener(listener, Devices.FILTER);
        unlisten = () -> context.removeServiceListener(listener);
    }

    Exports(Predicate<BlockDevice> offered) {
        this.offered = offered;
        unlisten = () -> {};
    }

    /** A device goes: it is not offered any more, and those who listen are told. */
    void leave(BlockDevice device) {
        exports.forEach((name, export) -> {
            if (export.offer().device().equals(device) && exports.remove(name, export)) {
                export.close();
            }
        });
    }

    @Deactivate
    void end() {
        unlisten.run();
        for (String name : List.copyOf(exports.keySet())) {
            remove(name);
        }
    }

    /** Begins an export. */
    Export add(Offer offer, Place place) throws IOException {
        String name = offer.device().name();
        if (exports.containsKey(name)) {
            throw new CommandFailure(name + " is exported already; nvme:unexport " + name + " ends that");
        }
        Export export = Export.start(offer, place);
        boolean first = exports.putIfAbsent(name, export) == null;
        if (first && offered.test(offer.device())) {
            return export;
        }
        exports.remove(name, export);
        export.close();
        throw new CommandFailure(first ? name + " has just gone" : name + " has just been exported by somebody else");
    }

    /** Ends an export; returns whether there was one. */
    boolean remove(String name) {
        Export export = exports.remove(name);
        if (export != null) {
            export.close();
        }
        return export != null;
    }

    List<Export> all() {
        return List.copyOf(exports.values());
    }
}
