package org.busbar.emulator.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.Rack;
import org.busbar.emulator.Ssd;
import org.busbar.emulator.Wire;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.PciHost;
import org.busbar.pci.serve.FunctionServer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;

/** The rack as two services: one for those who fill its slots, one for the PCI bus. */
@Component(service = {Rack.class, PciHost.class}, configurationPid = "org.busbar.emulator", immediate = true)
@Designate(ocd = RackConfig.class)
public final class RackService implements Rack, PciHost {

    private static final String DEFAULT_CARDS = "busbar.rack";

    private final EmulatedRack rack;
    private final AtomicReference<@Nullable FunctionServer> server = new AtomicReference<>();

    @Activate
    public RackService(BundleContext context, RackConfig config) {
        rack = EmulatedRack.of(
                RackLayout.of(config.slots(), config.cards(), context.getProperty(DEFAULT_CARDS)), server::get);
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void bindServer(FunctionServer come) {
        server.set(come);
    }

    void unbindServer(FunctionServer gone) {
        server.compareAndSet(gone, null);
    }

    @Deactivate
    void stop() {
        rack.close();
    }

    @Override
    public List<Slot> slots() {
        return rack.slots();
    }

    @Override
    public void insert(int slot, Card card) {
        rack.insert(slot, card);
    }

    @Override
    public void eject(int slot, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        rack.eject(slot, deadline);
    }

    @Override
    public void pull(int slot) {
        rack.pull(slot);
    }

    @Override
    public void swap(int slot, Card card) {
        rack.swap(slot, card);
    }

    @Override
    public void fault(int slot, Fault fault) {
        rack.fault(slot, fault);
    }

    @Override
    public void heal(int slot) {
        rack.heal(slot);
    }

    @Override
    public Ssd ssd(int slot) {
        return rack.ssd(slot);
    }

    @Override
    public void wire(int slot, Wire wire) {
        rack.wire(slot, wire);
    }

    @Override
    public Wire wire(int slot) {
        return rack.wire(slot);
    }

    @Override
    public void serve(int slot, Path directory, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException, IOException {
        rack.serve(slot, directory, deadline);
    }

    @Override
    public void unserve(int slot) {
        rack.unserve(slot);
    }

    @Override
    public Optional<Path> served(int slot) {
        return rack.served(slot);
    }

    @Override
    public List<IommuFault> iommuFaults() {
        return rack.iommuFaults();
    }

    @Override
    public String name() {
        return rack.host().name();
    }

    @Override
    public HostSnapshot scan(@Nullable HostSnapshot previous) throws IOException {
        return rack.host().scan(previous);
    }

    @Override
    public HostWatch watch(HostListener listener) throws IOException {
        return rack.host().watch(listener);
    }

    @Override
    public FunctionHandle open(HostFunction function, FunctionNotices notices) throws OpenException {
        return rack.host().open(function, notices);
    }
}
