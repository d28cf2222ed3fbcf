package org.busbar.core.internal.engine;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.busbar.device.DeviceContext;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.BusDriver;
import org.busbar.device.bus.Kept;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** A driver that records what is asked of it and does in its probe what a test wants. */
public final class FakeDriver implements BusDriver {

    /** What to do in a probe. */
    public interface Probe {
        DriverBinding probe(FakeDriver driver, BusDevice device, DeviceContext context)
                throws ProbeException, InterruptedException;
    }

    /** What to do in a probe of a device that was handed over. */
    public interface Adoption {
        DriverBinding adopt(FakeDriver driver, BusDevice device, DeviceContext context, Kept kept)
                throws ProbeException, InterruptedException;
    }

    public final FakeBundle bundle;
    private final String name;
    private final ServiceReference<?> reference;
    private final List<String> keys;
    public volatile Probe behaviour = (driver, device, context) -> new FakeBinding(device.id(), context);
    /** What becomes of a device that was handed over; null as if the driver knew nothing of it. */
    public volatile Adoption adoption;

    public final List<String> probed = new CopyOnWriteArrayList<>();
    public final List<FakeBinding> bindings = new CopyOnWriteArrayList<>();

    public FakeDriver(FakeBundle bundle, String name, int ranking, String... keys) {
        this.bundle = bundle;
        this.name = name;
        this.reference = bundle.reference(Map.of(Constants.SERVICE_RANKING, ranking));
        this.keys = List.of(keys);
    }

    public FakeDriver(String name, String... keys) {
        this(new FakeBundle("bundle." + name), name, 0, keys);
    }

    /** Has probes end like this. */
    public FakeDriver throwing(Supplier<? extends ProbeException> failure) {
        behaviour = (driver, device, context) -> {
            throw failure.get();
        };
        return this;
    }

    /** Has probes do this. */
    public FakeDriver doing(Probe probe) {
        behaviour = probe;
        return this;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public ServiceReference<?> reference() {
        return reference;
    }

    @Override
    public List<String> keys() {
        return keys;
    }

    @Override
    public DriverBinding probe(BusDevice device, DeviceContext context) throws ProbeException, InterruptedException {
        probed.add(device.id().toString());
        DriverBinding binding = behaviour.probe(this, device, context);
        if (binding instanceof FakeBinding fake) {
            bindings.add(fake);
        }
        return binding;
    }

    @Override
    public DriverBinding adopt(BusDevice device, DeviceContext context, Kept kept)
            throws ProbeException, InterruptedException {
        Adoption wanted = adoption;
        if (wanted == null) {
            return BusDriver.super.adopt(device, context, kept);
        }
        probed.add(device.id() + " adopts");
        return wanted.adopt(this, device, context, kept);
    }
}
