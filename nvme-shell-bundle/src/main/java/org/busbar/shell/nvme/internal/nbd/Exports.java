package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.busbar.block.BlockDevice;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The exports that there are, by device. They end with their devices, and with this bundle; not with the command that has
 * made them, which is why this is there all the time. Thread-safe.
 */
@Component(service = Exports.class, immediate = true)
public final class Exports {

    private final Map<String, Export> exports = new ConcurrentSkipListMap<>();
    private final Set<BlockDevice> present = Collections.synchronizedSet(
            Collections.newSetFromMap(new IdentityHashMap<>()));

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, unbind = "leave")
    void come(BlockDevice device) {
        present.add(device);
    }

    void leave(BlockDevice device) {
        present.remove(device);
        Export export = exports.get(device.name());
        if (export != null && export.offer().device().equals(device) && exports.remove(device.name(), export)) {
            export.close();
        }
    }

    @Deactivate
    void end() {
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
        if (first && present.contains(offer.device())) {
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
