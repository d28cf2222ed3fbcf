package org.busbar.driver.nvme;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.FormatRequest;
import org.busbar.nvme.NvmeException;

/**
 * Attaches, detaches and formats namespaces and has their block devices follow: for somebody who waits, on the thread that
 * cares for namespaces. Thread-safe.
 */
final class NamespaceDuties {

    private final DeviceContext context;
    private final TaskThread care;
    private final Namespaces namespaces;
    private final NamespaceCommands commands;
    private final Controller controller;
    private final Supplier<ControllerIdentity> identity;
    private final long commandMillis;

    NamespaceDuties(
            DeviceContext context,
            TaskThread care,
            Namespaces namespaces,
            NamespaceCommands commands,
            Controller controller,
            Supplier<ControllerIdentity> identity,
            long commandMillis) {
        this.context = context;
        this.care = care;
        this.namespaces = namespaces;
        this.commands = commands;
        this.controller = controller;
        this.identity = identity;
        this.commandMillis = commandMillis;
    }

    void attach(int nsid, Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        onCare("the namespace to be attached", deadline, () -> {
            try {
                commands.attach(nsid, identity.get(), deadline);
            } finally {
                refresh();
            }
        });
    }

    void detach(int nsid, Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        onCare("the namespace to be detached", deadline, () -> {
            try {
                vacate(List.of(nsid), deadline);
                commands.detach(nsid, identity.get(), deadline);
            } finally {
                refresh();
            }
        });
    }

    void format(FormatRequest request, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        NamespaceCommands.requireFormat(request, identity.get());
        onCare("the format", deadline, () -> {
            try {
                vacate(NamespaceCommands.concerned(request, identity.get(), namespaces.offered()), deadline);
                commands.format(request, deadline);
            } finally {
                refresh();
            }
        });
    }

    /** In a time of its own: what a duty took back, or changed, has to be looked at even if the duty's time is over. */
    private void refresh() throws NvmeException, DeviceTimeoutException, InterruptedException {
        namespaces.refresh(identity.get(), Deadline.afterMillis(commandMillis));
    }

    /** Takes block devices back and waits until nobody's request is in flight on them. */
    private void vacate(List<Integer> nsids, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        List<NamespaceInfo> leaving =
                namespaces.offered().stream().filter(info -> nsids.contains(info.nsid())).toList();
        nsids.forEach(namespaces::withdraw);
        leaving.forEach(controller::retire);
        context.await(
                "the requests in flight on it to complete",
                () -> leaving.stream().allMatch(controller::isIdle),
                deadline);
    }

    /** Something that the thread that cares does for somebody who waits. */
    @FunctionalInterface
    private interface Duty {
        void run() throws NvmeException, DeviceTimeoutException, InterruptedException;
    }

    private void onCare(String what, Deadline deadline, Duty duty)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        boolean posted = care.post(() -> {
            if (done.isDone()) {
                return; // nobody waits any more, so nobody wants it done
            }
            try {
                if (deadline.expired()) {
                    throw new DeviceTimeoutException("timed out waiting for " + what + " to begin");
                }
                duty.run();
                done.complete(null);
            } catch (NvmeException | DeviceTimeoutException | RuntimeException e) {
                done.completeExceptionally(e);
            } finally {
                done.cancel(false); // only if it was interrupted
            }
        });
        if (!posted) {
            throw new DeviceGoneException(context.id() + " is being given up");
        }
        boolean waited = false;
        try {
            context.await(what, done::isDone, deadline);
            waited = true;
        } finally {
            if (!waited) {
                done.cancel(false);
            }
        }
        try {
            done.get();
        } catch (CancellationException e) {
            throw new DeviceGoneException(context.id() + " is being given up", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case null -> throw new IllegalStateException(e);
                case NvmeException failed -> throw failed;
                case DeviceTimeoutException late -> throw late;
                case RuntimeException other -> throw other;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
