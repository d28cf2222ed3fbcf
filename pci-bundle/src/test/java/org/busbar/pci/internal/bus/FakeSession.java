package org.busbar.pci.internal.bus;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceId;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.BusDriver;
import org.busbar.device.bus.BusSession;
import org.busbar.device.dto.BusDTO;
import org.osgi.framework.ServiceReference;

/** A core that writes down what it is told, checks that it makes sense, and binds nothing. */
final class FakeSession implements BusSession {

    final List<String> calls = new CopyOnWriteArrayList<>();
    final List<BusDriver> drivers = new CopyOnWriteArrayList<>();
    final List<String> defects = new CopyOnWriteArrayList<>();
    volatile CompletableFuture<Void> removal = CompletableFuture.completedFuture(null);
    volatile CompletableFuture<Void> bind = CompletableFuture.completedFuture(null);
    volatile Runnable whileLeaving = () -> {};
    private final NavigableMap<String, BusDevice> present = new TreeMap<>();

    synchronized Map<String, BusDevice> present() {
        return new TreeMap<>(present);
    }

    @Override
    public synchronized CompletableFuture<Void> devicesChanged(Collection<DeviceId> gone,
            Collection<? extends BusDevice> come) {
        for (DeviceId id : gone) {
            BusDevice device = present.remove(id.address());
            if (device == null || !device.id().equals(id)) {
                defects.add("gone, but was not there: " + id);
            }
        }
        for (BusDevice device : come) {
            if (present.put(device.id().address(), device) != null) {
                defects.add("come, but somebody is there: " + device.id());
            }
        }
        calls.add("changed -" + gone.stream().map(DeviceId::toString).sorted().toList() + " +"
                + come.stream().map(device -> device.id().toString()).sorted().toList());
        return gone.isEmpty() ? CompletableFuture.completedFuture(null) : removal;
    }

    @Override
    public void driverArrived(BusDriver driver) {
        calls.add("arrived " + driver.name());
        drivers.add(driver);
    }

    @Override
    public void driverLeft(BusDriver driver) {
        whileLeaving.run();
        calls.add("left " + driver.name());
        if (!drivers.remove(driver)) {
            defects.add("left, but was not there: " + driver.name());
        }
    }

    @Override
    public void reevaluate(Collection<DeviceId> devices) {
        calls.add("reevaluate " + List.copyOf(devices));
    }

    @Override
    public CompletableFuture<Void> ejectRequested(DeviceId device, String why) {
        calls.add("eject " + device);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void ejectCancelled(DeviceId device) {
        calls.add("eject cancelled " + device);
    }

    @Override
    public void deviceFailed(DeviceId device, String why) {
        calls.add("failed " + device + " " + why);
    }

    @Override
    public CompletableFuture<Void> detach(DeviceId device, RemovalReason reason) {
        calls.add("detach " + device + " " + reason);
        return removal;
    }

    @Override
    public void attach(DeviceId device) {
        calls.add("attach " + device);
    }

    @Override
    public CompletableFuture<Void> bind(DeviceId device, String driverName) {
        calls.add("bind " + device + " " + driverName);
        return bind;
    }

    @Override
    public CompletableFuture<Void> replace(DeviceId device, ServiceReference<?> successor) {
        calls.add("replace " + device);
        return bind;
    }

    @Override
    public CompletableFuture<Void> unbind(DeviceId device) {
        calls.add("unbind " + device);
        return removal;
    }

    @Override
    public void settle(Deadline deadline) {
        calls.add("settle");
    }

    @Override
    public void settle(Collection<DeviceId> devices, Deadline deadline) {
        calls.add("settle " + new ArrayList<>(devices));
    }

    @Override
    public BusDTO snapshot() {
        return new BusDTO();
    }

    @Override
    public List<DeviceEvent> history() {
        return List.of();
    }

    @Override
    public AutoCloseable follow(Consumer<DeviceEvent> listener) {
        return () -> {};
    }

    @Override
    public void note(DeviceEvent.Kind kind, String text) {
        calls.add("note " + kind + " " + text);
    }

    @Override
    public void close() {
        calls.add("close");
    }
}
