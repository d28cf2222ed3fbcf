package org.busbar.itest.felix;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.emulator.Card;
import org.busbar.emulator.Rack;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.util.tracker.ServiceTracker;

/** A test's hands on the running framework: the rack, the bus, bundles and configuration. Closing it leaves all as it was. */
final class Rig implements AutoCloseable {

    static final String POLICY = "org.busbar.core";
    private static final int SSD_BLOCKS = 4096;
    private static final int BLOCK_SIZE = 512;

    private final BundleContext context = FrameworkUtil.getBundle(Rig.class).getBundleContext();
    private final List<Bundle> installed = new ArrayList<>();
    private final long firstEvent;
    private final int earlierFaults;
    private boolean policySet;

    Rig() {
        Ledger.reset();
        firstEvent = lastSequence(event -> true) + 1;
        earlierFaults = rack().iommuFaults().size();
    }

    static Deadline soon() {
        return Deadline.after(Eventually.LIMIT);
    }

    BundleContext context() {
        return context;
    }

    // Services

    PciBus bus() {
        return service(PciBus.class);
    }

    Rack rack() {
        return service(Rack.class);
    }

    <S> S service(Class<S> type) {
        ServiceTracker<S, S> tracker = new ServiceTracker<>(context, type, null);
        tracker.open();
        try {
            if (tracker.waitForService(Eventually.LIMIT.toMillis()) == null) {
                throw new AssertionError("no " + type.getName() + " within " + Eventually.LIMIT);
            }
            // Never given back: some services end for a bundle that gives them back.
            return context.getService(tracker.getServiceReference());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            tracker.close();
        }
    }

    /** Returns the services of a type that the driver of a slot's card has published. */
    private <S> List<ServiceReference<S>> references(Class<S> type, int slot) {
        try {
            return List.copyOf(context.getServiceReferences(type, "(busbar.device=" + address(slot) + "*)"));
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the first of the services of a type that the driver of a slot's card has published, or null. */
    <S> ServiceReference<S> reference(Class<S> type, int slot) {
        return references(type, slot).stream().findFirst().orElse(null);
    }

    /** Returns the block devices of a slot's card that are there now. */
    List<ServiceReference<BlockDevice>> blockReferences(int slot) {
        return references(BlockDevice.class, slot);
    }

    /** Returns all block devices that are there now. */
    List<ServiceReference<BlockDevice>> blockDevices() {
        try {
            return List.copyOf(context.getServiceReferences(BlockDevice.class, null));
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for the block device of a slot's card. */
    BlockDevice blockDevice(int slot) {
        Eventually.await(
                "a block device in slot " + slot, () -> !blockReferences(slot).isEmpty(), () -> describe(slot));
        return context.getService(blockReferences(slot).get(0));
    }

    // Cards

    static PciAddress address(int slot) {
        return new PciAddress(0xe000, slot, 0, 0);
    }

    static Card ssd(int slot) {
        return new Card.Nvme(SSD_BLOCKS, BLOCK_SIZE, Optional.empty(), "SSD-" + slot);
    }

    void insert(int... slots) {
        for (int slot : slots) {
            rack().insert(slot, ssd(slot));
            awaitPresent(slot);
        }
    }

    /** Returns the accesses outside of their mappings that cards have made since the test began. */
    List<Rack.IommuFault> iommuFaults() {
        List<Rack.IommuFault> all = rack().iommuFaults();
        return all.subList(Math.min(earlierFaults, all.size()), all.size());
    }

    void awaitPresent(int slot) {
        Eventually.await("a device in slot " + slot, () -> device(slot).isPresent());
    }

    // What the bus says

    Optional<DeviceDTO> device(int slot) {
        String address = address(slot).toString();
        return bus().snapshot().devices.stream().filter(d -> d.address.equals(address)).findFirst();
    }

    String state(int slot) {
        return device(slot).map(d -> d.state).orElse("ABSENT");
    }

    /** Returns the driver of a slot's card, or an empty text. */
    String driver(int slot) {
        return device(slot)
                .filter(d -> d.state.equals("BOUND"))
                .map(d -> d.driver == null ? "" : d.driver)
                .orElse("");
    }

    long probes(int slot) {
        return device(slot).map(d -> d.probes).orElse(0L);
    }

    /** Returns which driver drives each present card, by slot; an empty text if none does. */
    Map<Integer, String> bindings() {
        Map<Integer, String> bindings = new TreeMap<>();
        bus().snapshot().devices.forEach(device -> {
            PciAddress address = PciAddress.parse(device.address);
            if (address.domain() == 0xe000) {
                bindings.put(
                        address.bus(), device.state.equals("BOUND") && device.driver != null ? device.driver : "");
            }
        });
        return bindings;
    }

    void awaitBound(int slot, String driver) {
        Eventually.await(driver + " to drive slot " + slot, () -> driver(slot).equals(driver), () -> describe(slot));
    }

    void awaitState(int slot, String state) {
        Eventually.await("slot " + slot + " to be " + state, () -> state(slot).equals(state), () -> describe(slot));
    }

    void settle() {
        try {
            bus().settle(soon());
        } catch (DeviceTimeoutException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Returns all that is known of a slot's device, and its latest events. */
    String describe(int slot) {
        String address = address(slot).toString();
        List<DeviceEvent> events = events().stream()
                .filter(e -> e.device() == null || e.device().address().equals(address))
                .toList();
        StringBuilder text = new StringBuilder(device(slot).map(Object::toString).orElse("no device"));
        events.subList(Math.max(0, events.size() - 15), events.size())
                .forEach(e -> text.append("\n    ").append(e.kind()).append(' ').append(e.text()));
        return text.toString();
    }

    /** Returns all that is known of all slots' devices, and the latest events of each. */
    String describeAll() {
        return bindings().keySet().stream().map(this::describe).collect(Collectors.joining("\n"));
    }

    /** Returns what has happened since the test began, oldest first. */
    List<DeviceEvent> events() {
        return bus().history().stream().filter(event -> event.sequence() >= firstEvent).toList();
    }

    /** Returns how many events of a kind a slot has had since the test began. */
    long events(DeviceEvent.Kind kind, int slot) {
        String address = address(slot).toString();
        return events().stream()
                .filter(e -> e.kind() == kind && e.device() != null && e.device().address().equals(address))
                .count();
    }

    // Bundles

    Bundle install(DriverBundle driver) throws BundleException {
        return install(driver.symbolicName() + '/' + installed.size(), driver.open());
    }

    Bundle start(DriverBundle driver) throws BundleException {
        Bundle bundle = install(driver);
        bundle.start();
        return bundle;
    }

    Bundle install(String location, InputStream jar) throws BundleException {
        Bundle bundle = context.installBundle("test:" + location, jar);
        installed.add(bundle);
        return bundle;
    }

    Bundle installNvme() throws BundleException {
        return installModule("nvme-driver-bundle");
    }

    Bundle startNvme() throws BundleException {
        Bundle bundle = installNvme();
        bundle.start();
        return bundle;
    }

    Bundle installModule(String module) throws BundleException {
        return install(module, open(Felix.jar(module)));
    }

    static InputStream open(Path jar) {
        try {
            return Files.newInputStream(jar);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Bundle bundle(String symbolicName) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no bundle " + symbolicName));
    }

    /** Refreshes bundles, or, without any, all that have been updated or uninstalled; returns those that depended on them. */
    Set<Bundle> refresh(Bundle... bundles) throws InterruptedException {
        FrameworkWiring wiring = context.getBundle(0).adapt(FrameworkWiring.class);
        List<Bundle> chosen = bundles.length == 0 ? List.copyOf(wiring.getRemovalPendingBundles()) : List.of(bundles);
        Set<Bundle> along = new HashSet<>(wiring.getDependencyClosure(chosen));
        chosen.forEach(along::remove);
        if (chosen.isEmpty()) {
            return along;
        }
        CountDownLatch done = new CountDownLatch(1);
        wiring.refreshBundles(chosen, event -> done.countDown());
        if (!done.await(Eventually.LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the refresh is not done within " + Eventually.LIMIT);
        }
        return along;
    }

    // Configuration

    /** Sets the policy: keys and values in turn. */
    void policy(Object... keysAndValues) throws IOException {
        Dictionary<String, Object> properties = new Hashtable<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        long before = lastPolicy();
        policySet = true;
        policy().update(properties);
        Eventually.await(
                "the policy to be in force", () -> lastPolicy() > before, () -> "event " + before + " was the last, in "
                        + bus().history());
    }

    Configuration policy() throws IOException {
        return service(ConfigurationAdmin.class).getConfiguration(POLICY, "?");
    }

    /**
     * Deletes the policy and waits until that holds: SCR compares change counts, and takes a configuration that is
     * deleted and made anew too soon for one that it knows.
     */
    private void dropPolicy() throws IOException {
        if (policySet) {
            long before = lastPolicy();
            policy().delete();
            Eventually.await("the default policy to be in force", () -> lastPolicy() > before);
        }
    }

    private long lastPolicy() {
        return lastSequence(event -> event.kind() == DeviceEvent.Kind.POLICY_CHANGED);
    }

    private long lastSequence(Predicate<DeviceEvent> predicate) {
        return bus().history().stream().filter(predicate).mapToLong(DeviceEvent::sequence).max().orElse(0);
    }

    /** Takes all out that the test put in. */
    @Override
    public void close() throws Exception {
        Ledger.reset();
        for (Bundle bundle : installed) {
            if (bundle.getState() != Bundle.UNINSTALLED) {
                bundle.uninstall();
            }
        }
        refresh();
        dropPolicy();
        Rack rack = rack();
        for (Rack.Slot slot : rack.slots()) {
            if (slot.card() != null) {
                rack.pull(slot.number());
            }
        }
        Eventually.await("the rack to be empty", () -> bindings().isEmpty(), this::bindings);
        settle();
    }
}
