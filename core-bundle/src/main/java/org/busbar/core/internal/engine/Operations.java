package org.busbar.core.internal.engine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.busbar.device.DeviceId;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;

/** What operators and hosts ask for one device. All methods run on the worker. */
final class Operations {

    private final Engine engine;
    private final BusState bus;

    Operations(Engine engine) {
        this.engine = engine;
        this.bus = engine.state();
    }

    CompletableFuture<Void> eject(DeviceId id, String why) {
        DeviceRecord device = engine.find(id);
        if (device == null) {
            return CompletableFuture.completedFuture(null);
        }
        device.ejecting = Optional.of(why);
        return whenFree(device);
    }

    void ejectCancelled(DeviceId id) {
        DeviceRecord device = engine.find(id);
        if (device != null) {
            device.ejecting = Optional.empty();
            bus.touch(device);
        }
    }

    CompletableFuture<Void> detach(DeviceId id, RemovalReason reason) {
        DeviceRecord device = present(id);
        choose(device, new Choice.Detached(reason));
        return whenFree(device);
    }

    void attach(DeviceId id) {
        DeviceRecord device = present(id);
        choose(device, new Choice.Free());
        device.grace = null;
        device.asked = false;
        device.pairs.forEach(Pair::forgive);
        bus.touch(device);
    }

    CompletableFuture<Void> bind(DeviceId id, String driverName) {
        DeviceRecord device = present(id);
        if (device.pairs.stream().noneMatch(pair -> pair.name().equals(driverName))) {
            String fitting = device.pairs.stream().map(Pair::name).collect(Collectors.joining(", "));
            throw new IllegalArgumentException(
                    "no driver of the name " + driverName + " is here and matches " + id.address() + "; "
                            + (fitting.isEmpty() ? "no driver at all does" : "these do: " + fitting));
        }
        choose(device, new Choice.BoundTo(driverName));
        device.grace = null;
        device.asked = false;
        for (Pair pair : device.pairs) {
            if (pair.name().equals(driverName)) {
                pair.forgive();
            }
        }
        BindRequest request = new BindRequest(driverName, Optional.empty(), new CompletableFuture<>());
        device.bindRequest = request;
        bus.touch(device);
        return request.result();
    }

    CompletableFuture<Void> replace(DeviceId id, long successor) {
        DeviceRecord device = present(id);
        if (!(device.holder() instanceof Holder.Driving driving)) {
            throw new IllegalArgumentException(
                    id.address() + " has no driver to be replaced, it is " + device.state + ": " + device.reason);
        }
        Pair from = driving.pair();
        Pair by = device.pairs
                .stream()
                .filter(pair -> pair.driver().serviceId() == successor)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the driver that is to replace " + from.name() + " does not match " + id.address()));
        if (!by.driver().identity().equals(from.driver().identity())) {
            throw new IllegalArgumentException(by.driver().identity() + " is no successor of "
                    + from.driver().identity() + ": symbolic name and driver name have to be the same");
        }
        if (by != from) {
            choose(device, new Choice.Replaced(by, from, device.choice.lasting()));
            by.state(new PairState.Fresh());
        } else {
            choose(device, device.choice); // it has it, by an earlier request perhaps
        }
        BindRequest request = new BindRequest(by.name(), Optional.of(successor), new CompletableFuture<>());
        device.bindRequest = request;
        bus.touch(device);
        return request.result();
    }

    CompletableFuture<Void> unbind(DeviceId id) {
        DeviceRecord device = present(id);
        if (!(device.holder() instanceof Holder.Driving)) {
            throw new IllegalArgumentException(
                    id.address() + " is not bound, it is " + device.state + ": " + device.reason);
        }
        choose(device, new Choice.Unbound());
        return whenFree(device);
    }

    private DeviceRecord present(DeviceId id) {
        DeviceRecord device = engine.find(id);
        if (device == null) {
            throw new IllegalArgumentException("no device " + id + " is present on " + bus.bus);
        }
        return device;
    }

    /** Records an operator's choice; whoever waits for an earlier one learns that it is superseded. */
    private void choose(DeviceRecord device, Choice choice) {
        BindRequest superseded = device.bindRequest;
        if (superseded != null) {
            device.bindRequest = null;
            Notify.failed(bus.env, superseded.result(), new ProbeException("another operation has taken over"));
        }
        device.choice = choice;
        bus.touch(device);
    }

    private CompletableFuture<Void> whenFree(DeviceRecord device) {
        CompletableFuture<Void> free = new CompletableFuture<>();
        device.whenFree.add(() -> Notify.done(bus.env, free));
        bus.touch(device);
        return free;
    }
}
