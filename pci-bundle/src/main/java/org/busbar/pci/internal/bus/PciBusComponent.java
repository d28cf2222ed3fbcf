package org.busbar.pci.internal.bus;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.BusSession;
import org.busbar.device.bus.DriverCore;
import org.busbar.device.dto.BusDTO;
import org.busbar.pci.BindException;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciDevice;
import org.busbar.pci.PciDriver;
import org.busbar.pci.host.PciHost;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The PCI bus as a component, and the operator's verbs. */
@Component(service = PciBus.class, immediate = true)
public final class PciBusComponent implements PciBus {

    private static final int ADDRESSES_SHOWN = 8;

    private final BusSession session;
    private final Bus bus;
    private final DriverRegistry drivers;

    /** Opens the bus. Devices come with the hosts, each of which is bound and scanned on its own. */
    @Activate
    public PciBusComponent(@Reference DriverCore core, BundleContext context) {
        session = core.open(Bus.NAME);
        bus = new Bus(session, context);
        drivers = new DriverRegistry(context, bus, session);
        drivers.open();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addHost(PciHost host) {
        bus.addHost(host);
    }

    void removeHost(PciHost host) {
        bus.removeHost(host);
    }

    @Deactivate
    void close() {
        // In this order: a driver that leaves while the bus ends is still waited for.
        bus.close();
        drivers.close();
    }

    @Override
    public List<PciDevice> devices() {
        return List.copyOf(bus.table().all());
    }

    @Override
    public Optional<PciDevice> device(PciAddress address) {
        return Optional.ofNullable(bus.table().get(address));
    }

    @Override
    public List<HostStatus> hosts() {
        return bus.hosts()
                .stream()
                .map(host -> new HostStatus(host.name(), host.functions(),
                        host.scanner().watching(),
                        Stream.concat(host.problems().stream(), bus.table().conflicts(host).stream()).toList()))
                .toList();
    }

    @Override
    public RescanResult rescan(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        List<ScanOutcome> outcomes = scan(deadline);
        Waits.on(Bus.all(outcomes.stream().map(outcome -> outcome.change().removals()).toList()),
                "removals to be complete", deadline);
        List<DeviceId> touched = outcomes.stream()
                .flatMap(outcome -> Stream.concat(outcome.change().gone().stream(), outcome.change().come().stream()))
                .map(PciFunction::id)
                .toList();
        if (!touched.isEmpty()) {
            session.settle(touched, deadline);
        }
        List<String> problems = new ArrayList<>();
        outcomes.forEach(outcome -> problems.addAll(outcome.problems()));
        bus.hosts().forEach(host -> bus.table().conflicts(host).forEach(c -> problems.add(host.name() + ": " + c)));
        return new RescanResult(sorted(outcomes.stream().map(outcome -> outcome.change().added())),
                sorted(outcomes.stream().map(outcome -> outcome.change().removed())),
                sorted(outcomes.stream().map(outcome -> outcome.change().replaced())), problems);
    }

    @Override
    public void attach(PciAddress address, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        lookFor(address, deadline);
        PciFunction function = require(address);
        session.attach(function.id());
        session.settle(List.of(function.id()), deadline);
    }

    @Override
    public void detach(PciAddress address, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        PciFunction function = require(address);
        Waits.on(session.detach(function.id(), RemovalReason.DETACH), "the driver to give up " + address, deadline);
    }

    @Override
    public void bind(PciAddress address, String driver, Deadline deadline)
            throws BindException, DeviceTimeoutException, InterruptedException {
        PciFunction function = require(address);
        await(session.bind(function.id(), driver), driver, address, deadline);
    }

    @Override
    public void replace(PciAddress address, ServiceReference<PciDriver> successor, Deadline deadline)
            throws BindException, DeviceTimeoutException, InterruptedException {
        PciFunction function = require(address);
        await(session.replace(function.id(), successor), "the new driver", address, deadline);
    }

    private static void await(CompletableFuture<Void> bound, String driver, PciAddress address, Deadline deadline)
            throws BindException, DeviceTimeoutException, InterruptedException {
        try {
            Waits.result(bound, driver + " to probe " + address, deadline);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw new IllegalArgumentException(refused.getMessage(), e);
            }
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
            throw new BindException(driver + " was not bound to " + address + ": " + why, cause);
        }
    }

    @Override
    public void unbind(PciAddress address, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        PciFunction function = require(address);
        Waits.on(session.unbind(function.id()), "the driver to give up " + address, deadline);
    }

    @Override
    public void settle(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        for (AttachedHost host : bus.hosts()) {
            Waits.on(host.scanner().idle(), "host " + host.name() + " to be scanned", deadline);
        }
        Waits.on(bus.quiet(), "devices to be registered as services", deadline);
        session.settle(deadline);
    }

    @Override
    public BusDTO snapshot() {
        return session.snapshot();
    }

    @Override
    public List<DeviceEvent> history() {
        return session.history();
    }

    @Override
    public AutoCloseable follow(Consumer<DeviceEvent> listener) {
        return session.follow(listener);
    }

    /** Has all hosts looked at, side by side, and waits until what they report is recorded. */
    private List<ScanOutcome> scan(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        List<AttachedHost> hosts = List.copyOf(bus.hosts());
        List<CompletableFuture<ScanOutcome>> scans = hosts.stream().map(host -> host.scanner().scan()).toList();
        List<ScanOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < hosts.size(); i++) {
            outcomes.add(Waits.on(scans.get(i), "host " + hosts.get(i).name() + " to be scanned", deadline));
        }
        return outcomes;
    }

    /** Looks at an address of its host, or of all until one reports it: a host that hangs holds up nobody else's devices. */
    private void lookFor(PciAddress address, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        PciFunction known = bus.table().get(address);
        List<AttachedHost> hosts = known == null ? bus.hosts() : List.of(known.attachedHost());
        CompletableFuture<Void> found = new CompletableFuture<>();
        List<CompletableFuture<Void>> scans =
                hosts.stream().map(host -> host.scanner().scan(address).thenAccept(outcome -> {
                    if (bus.table().get(address) != null) {
                        found.complete(null);
                    }
                })).toList();
        Waits.on(CompletableFuture.anyOf(found, Bus.all(scans)), "a host to report " + address, deadline);
    }

    private PciFunction require(PciAddress address) {
        PciFunction function = bus.table().get(address);
        if (function != null) {
            return function;
        }
        Collection<PciFunction> present = bus.table().all();
        if (present.isEmpty()) {
            throw new IllegalArgumentException("no PCI function at " + address + "; none is present at all, as "
                    + bus.hosts().size() + " hosts report (pci:rescan has them looked at again)");
        }
        String some = present.stream()
                .limit(ADDRESSES_SHOWN)
                .map(known -> known.address().toString())
                .collect(Collectors.joining(", "));
        int more = present.size() - ADDRESSES_SHOWN;
        throw new IllegalArgumentException("no PCI function at " + address + "; present are: " + some
                + (more > 0 ? " and " + more + " more" : "") + " (pci:list shows all)");
    }

    private static List<PciAddress> sorted(Stream<List<PciAddress>> addresses) {
        return addresses.flatMap(List::stream).sorted().toList();
    }
}
