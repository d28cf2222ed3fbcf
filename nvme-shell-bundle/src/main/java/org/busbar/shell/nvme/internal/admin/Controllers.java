package org.busbar.shell.nvme.internal.admin;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import org.busbar.nvme.NvmeController;
import org.busbar.shell.internal.services.Services;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.internal.words.Quantities;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The NVMe controllers that there are. Thread-safe. */
@Component(service = Controllers.class)
public final class Controllers {

    private final Services<NvmeController> controllers;

    @Activate
    public Controllers(BundleContext context) {
        controllers = Services.of(context, NvmeController.class);
    }

    /**
     * What a user named.
     *
     * @param controller the controller
     * @param nsid the namespace, if the name has one: {@code e000:01:00.0/n1}
     */
    record Target(NvmeController controller, OptionalInt nsid) {

        /** Returns the namespace's number; for commands that need one. */
        int namespace() {
            return nsid.orElseThrow(() -> new CommandFailure(
                    "which namespace? For example " + controller.name() + "/n1; nvme:list shows them"));
        }
    }

    /** Returns all, by name. */
    public List<NvmeController> all() {
        return controllers.now()
                .map(Services.Offered::service)
                .sorted(Comparator.comparing(NvmeController::name))
                .toList();
    }

    /** Returns the controller of a name. */
    NvmeController controller(String name) {
        return all().stream()
                .filter(controller -> controller.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("there is no NVMe controller '" + name
                        + "' that a driver offers; there are: " + all().stream().map(NvmeController::name).toList()));
    }

    /** Returns what a name means: a controller, or one of its namespaces. */
    Target target(String name) {
        int slash = name.indexOf("/n");
        if (slash < 0) {
            return new Target(controller(name), OptionalInt.empty());
        }
        return new Target(controller(name.substring(0, slash)), OptionalInt.of(nsid(name.substring(slash + 2))));
    }

    /** Returns a namespace identifier. */
    static int nsid(String text) {
        long number;
        try {
            number = Quantities.number(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("'" + text + "' is no namespace: they are numbers from 1", e);
        }
        if (number < 1 || number > 0xffff_fffeL) {
            throw new CommandFailure("'" + text + "' is no namespace: they are numbers from 1");
        }
        return (int) number;
    }
}
