package org.busbar.driver.nvme;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.Publication;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.ControllerIdentity.Capability;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.nvme.NamespaceSummary;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeEvent;
import org.busbar.nvme.NvmeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The block devices of a controller, kept equal to its active namespaces: {@link #refresh} looks at all of them and
 * changes what has to change. Refreshing and withdrawing is for one thread at a time; the rest is thread-safe.
 */
final class Namespaces {

    private static final Logger LOG = LoggerFactory.getLogger(Namespaces.class);

    /** Makes a block device of a namespace. */
    @FunctionalInterface
    interface Maker {
        BlockDevice make(NamespaceInfo namespace) throws IOException, DeviceTimeoutException, InterruptedException;
    }

    private record Offered(NamespaceInfo info, BlockDevice device, Publication publication) {}

    private final DeviceContext context;
    private final Identify identify;
    private final EventLog events;
    private final Maker maker;
    private final Function<NamespaceInfo, Optional<String>> objection;
    private final Map<Integer, Offered> offered = new ConcurrentHashMap<>();
    private final Map<Integer, String> problems = new ConcurrentHashMap<>();

    /**
     * @param maker makes block devices
     * @param objection says why a namespace cannot be offered, if it cannot
     */
    Namespaces(
            DeviceContext context,
            Identify identify,
            EventLog events,
            Maker maker,
            Function<NamespaceInfo, Optional<String>> objection) {
        this.context = context;
        this.identify = identify;
        this.events = events;
        this.maker = maker;
        this.objection = objection;
    }

    /** Has the block devices follow the controller's list of namespaces. One namespace's failure concerns only itself. */
    void refresh(ControllerIdentity controller, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        List<Integer> active = identify.activeNamespaces(controller, deadline);
        Set<Integer> gone = new HashSet<>(offered.keySet());
        gone.addAll(problems.keySet());
        active.forEach(gone::remove);
        for (int nsid : gone) {
            problems.remove(nsid);
            if (withdraw(nsid)) {
                events.add(NvmeEvent.Kind.NAMESPACE_REMOVED, nsid, text(nsid) + " is not active any more");
            }
        }
        for (int nsid : active) {
            try {
                refresh(nsid, controller, identify.info(nsid, deadline));
            } catch (IOException e) {
                refuse(nsid, String.valueOf(e.getMessage()));
            }
        }
        if (active.isEmpty()) {
            LOG.info("{}: no namespace is active", context.id());
        }
    }

    private void refresh(int nsid, ControllerIdentity controller, NamespaceInfo now)
            throws IOException, DeviceTimeoutException, InterruptedException {
        Offered before = offered.get(nsid);
        Optional<String> reason = objection.apply(now);
        if (before != null && before.info().isLike(now) && reason.isEmpty()) {
            if (before.info().blockCount() != now.blockCount()) {
                before.info().resize(now.blockCount());
                before.publication().update(properties(before.info(), controller));
                events.add(NvmeEvent.Kind.NAMESPACE_CHANGED, nsid,
                        text(nsid) + " now has " + now.blockCount() + " blocks");
            }
            return;
        }
        if (before != null) {
            withdraw(nsid);
        }
        if (reason.isPresent()) {
            if (now.blockCount() != 0 || before != null) { // of zero blocks: not active, in a list made up from NN
                refuse(nsid, reason.get());
            }
            return;
        }
        offer(now, controller);
        problems.remove(nsid);
        events.add(
                before == null ? NvmeEvent.Kind.NAMESPACE_ADDED : NvmeEvent.Kind.NAMESPACE_CHANGED,
                nsid,
                text(nsid) + " is offered: " + now.blockCount() + " blocks of " + now.blockSize() + " bytes");
    }

    private void offer(NamespaceInfo info, ControllerIdentity controller)
            throws IOException, DeviceTimeoutException, InterruptedException {
        BlockDevice device = maker.make(info);
        Publication publication = context.publish(BlockDevice.class, device, properties(info, controller));
        offered.put(info.nsid(), new Offered(info, device, publication));
    }

    private void refuse(int nsid, String why) {
        if (!why.equals(problems.put(nsid, why))) {
            LOG.warn("{}: {} is not offered: {}", context.id(), text(nsid), why);
            events.add(NvmeEvent.Kind.NAMESPACE_ADDED, nsid, text(nsid) + " is not offered: " + why);
        }
    }

    /** Takes a namespace's block device back: no request is taken any more. Returns whether there was one. */
    boolean withdraw(int nsid) {
        Offered before = offered.remove(nsid);
        if (before == null) {
            return false;
        }
        before.info().retire();
        before.publication().close();
        return true;
    }

    /** The namespaces that are offered. */
    List<NamespaceInfo> offered() {
        return offered.values().stream().map(Offered::info).toList();
    }

    /** Asks for all namespaces, attached or not. */
    List<NamespaceSummary> list(ControllerIdentity controller, Identify asks, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        Set<Integer> active = new HashSet<>(asks.activeNamespaces(controller, deadline));
        List<Integer> all = new ArrayList<>(active);
        if (controller.has(Capability.NAMESPACE_MANAGEMENT)) {
            asks.namespaces(Opcode.CNS_ALLOCATED_NAMESPACES, deadline)
                    .stream()
                    .filter(nsid -> !active.contains(nsid))
                    .forEach(all::add);
        }
        all.sort(Integer::compareUnsigned);
        List<NamespaceSummary> summaries = new ArrayList<>();
        for (int nsid : all) {
            Offered here = offered.get(nsid);
            summaries.add(new NamespaceSummary(
                    nsid,
                    active.contains(nsid),
                    Optional.ofNullable(identity(asks, nsid, active.contains(nsid), deadline)),
                    Optional.ofNullable(here).map(offer -> offer.device().name()),
                    Optional.ofNullable(problems.get(nsid))));
        }
        return summaries;
    }

    private static @Nullable NamespaceIdentity identity(Identify asks, int nsid, boolean active, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        try {
            return active ? asks.namespace(nsid, deadline) : asks.allocatedNamespace(nsid, deadline);
        } catch (NvmeException e) {
            LOG.debug("namespace {} does not say what it is", nsid, e);
            return null;
        }
    }

    private static Map<String, Object> properties(NamespaceInfo info, ControllerIdentity controller) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(BlockDevice.SIZE, info.blockCount() << info.blockShift());
        properties.put(BlockDevice.BLOCK_SIZE, info.blockSize());
        properties.put(
                BlockDevice.IDENTITY,
                info.lasting().orElse(controller.serial() + "-n" + Integer.toUnsignedString(info.nsid())));
        properties.put(BlockDevice.SHARED, info.identity().shared());
        properties.put(BlockDevice.MODEL, controller.model());
        properties.put(BlockDevice.SERIAL, controller.serial());
        properties.put(NvmeController.NSID, info.nsid());
        properties.put(NvmeController.CONTROLLER_ID, controller.controllerId());
        return properties;
    }

    private static String text(int nsid) {
        return "namespace " + Integer.toUnsignedString(nsid);
    }
}
