package org.busbar.emulator.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.Rack;
import org.busbar.emulator.Ssd;
import org.busbar.emulator.Wire;
import org.busbar.emulator.internal.function.EmulatedFunction;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.WireControl;
import org.busbar.emulator.internal.net.Wired;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.PciHost;
import org.busbar.pci.serve.FunctionServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A rack without the framework around it. The lock guards which card is in which slot; cards are made, asked, cut off and
 * stopped without it.
 */
final class EmulatedRack implements Rack, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmulatedRack.class);
    private static final int DOMAIN = 0xe000;

    private final ReentrantLock lock = new ReentrantLock();
    private final @Nullable Occupant[] occupants;
    private final FaultHistory history = new FaultHistory();
    private final NetworkSwitch network = new NetworkSwitch();
    private final Models models = new Models(network);
    private final EmulatedHost host = new EmulatedHost();
    private final Supplier<@Nullable FunctionServer> server;
    private boolean closed;

    EmulatedRack(int slots) {
        this(slots, () -> null);
    }

    /** @param server what serves cards to other processes, or null if there is nothing that does at present */
    EmulatedRack(int slots, Supplier<@Nullable FunctionServer> server) {
        this.server = server;
        occupants = new @Nullable Occupant[slots + 1];
    }

    /** Makes a rack with cards in it; those that cannot be made are left out and logged. */
    static EmulatedRack of(RackLayout layout, Supplier<@Nullable FunctionServer> server) {
        EmulatedRack rack = new EmulatedRack(layout.slots(), server);
        layout.problems().forEach(problem -> LOG.error("Configuration of the rack: {}", problem));
        for (Map.Entry<Integer, Card> entry : layout.cards().entrySet()) {
            try {
                rack.insert(entry.getKey(), entry.getValue());
            } catch (IllegalArgumentException e) {
                LOG.error("Slot {} of the rack stays empty: {}", entry.getKey(), e.getMessage());
            }
        }
        return rack;
    }

    PciHost host() {
        return host;
    }

    /** Returns the switch that NICs are joined to. */
    NetworkSwitch network() {
        return network;
    }

    @Override
    public List<Slot> slots() {
        List<Slot> slots = new ArrayList<>();
        lock.lock();
        try {
            for (int number = 1; number < occupants.length; number++) {
                Occupant occupant = occupants[number];
                String address = address(number).toString();
                slots.add(
                        occupant == null
                                ? new Slot(number, address, null, false, List.of())
                                : new Slot(
                                        number,
                                        address,
                                        occupant.card(),
                                        occupant.function().inUse(),
                                        occupant.function().faults()));
            }
        } finally {
            lock.unlock();
        }
        return List.copyOf(slots);
    }

    @Override
    public void insert(int slot, Card card) {
        checkSlot(slot);
        if (find(slot) != null) {
            throw new IllegalStateException("slot " + slot + " is occupied; eject, pull or swap its card");
        }
        Occupant made = make(slot, card);
        if (!replace(slot, null, made)) {
            made.discard();
            throw new IllegalStateException("slot " + slot + " is occupied; eject, pull or swap its card");
        }
        host.announce();
    }

    @Override
    public void eject(int slot, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        Occupant occupant = occupant(slot);
        occupant.requireNotServed();
        occupant.function().eject(deadline);
        // False if it was pulled while we waited: it is out either way.
        if (replace(slot, occupant, null)) {
            occupant.discard();
            host.announce();
        }
    }

    @Override
    public void pull(int slot) {
        Occupant occupant = occupant(slot);
        if (!replace(slot, occupant, null)) {
            throw empty(slot);
        }
        occupant.discard();
        host.announce();
    }

    /** If both cards keep their blocks in the same file, the old one is cut off and closed before the new one is made. */
    @Override
    public void swap(int slot, Card card) {
        Occupant old = occupant(slot);
        boolean sameFile = old.card() instanceof Card.Nvme before
                && card instanceof Card.Nvme after
                && before.file().isPresent()
                && before.file().equals(after.file());
        if (sameFile) {
            old.discard();
        }
        Occupant made;
        try {
            made = make(slot, card);
        } catch (IllegalArgumentException e) {
            if (sameFile && replace(slot, old, null)) {
                host.announce();
            }
            throw e;
        }
        if (!replace(slot, old, made)) {
            made.discard();
            throw empty(slot);
        }
        if (!sameFile) {
            old.discard();
        }
        host.announce();
    }

    @Override
    public void fault(int slot, Fault fault) {
        EmulatedFunction function = occupant(slot).function();
        lock.lock();
        try {
            List<Fault> faults = new ArrayList<>(function.faults());
            faults.removeIf(other -> isSameKind(other, fault));
            faults.add(fault);
            function.setFaults(faults);
        } finally {
            lock.unlock();
        }
    }

    /** A fault takes the place of another of its kind; those of a NIC's two sides are not of one kind. */
    private static boolean isSameKind(Fault one, Fault other) {
        return one.getClass() == other.getClass()
                && !(one instanceof NicFault first && other instanceof NicFault second
                        && first.side() != second.side());
    }

    @Override
    public void heal(int slot) {
        EmulatedFunction function = occupant(slot).function();
        lock.lock();
        try {
            function.setFaults(List.of());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Ssd ssd(int slot) {
        if (occupant(slot).function().model() instanceof NvmeModel model) {
            return model.ssd();
        }
        throw new IllegalArgumentException("the card in slot " + slot + " is no SSD");
    }

    @Override
    public void wire(int slot, Wire wire) {
        wireOf(slot).set(wire);
    }

    @Override
    public Wire wire(int slot) {
        return wireOf(slot).get();
    }

    private WireControl wireOf(int slot) {
        if (occupant(slot).function().model() instanceof Wired model) {
            return model.wire();
        }
        throw new IllegalArgumentException("the card in slot " + slot + " is no NIC");
    }

    @Override
    public void serve(int slot, Path directory, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException, IOException {
        Occupant occupant = occupant(slot);
        FunctionServer serving = server.get();
        if (serving == null) {
            throw new IOException("there is no service that serves functions; is the bundle org.busbar.pci started?");
        }
        Runnable ready = occupant.serve(serving, directory, deadline);
        presentAnew();
        ready.run();
    }

    @Override
    public void unserve(int slot) {
        occupant(slot).unserve();
        presentAnew();
    }

    private void presentAnew() {
        lock.lock();
        try {
            present();
        } finally {
            lock.unlock();
        }
        host.announce();
    }

    @Override
    public Optional<Path> served(int slot) {
        checkSlot(slot);
        Occupant occupant = find(slot);
        return occupant == null ? Optional.empty() : occupant.socket();
    }

    @Override
    public List<IommuFault> iommuFaults() {
        return history.list();
    }

    /** Takes all cards out at once. */
    @Override
    public void close() {
        List<Occupant> all = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            for (int number = 1; number < occupants.length; number++) {
                Occupant occupant = occupants[number];
                if (occupant != null) {
                    all.add(occupant);
                    occupants[number] = null;
                }
            }
            host.present(List.of());
        } finally {
            lock.unlock();
        }
        all.forEach(Occupant::discard);
        host.announce();
    }

    /** Returns what the model of a slot's card threw, if it has crashed. */
    @Nullable
    Throwable crash(int slot) {
        return occupant(slot).function().crash();
    }

    private Occupant make(int slot, Card card) {
        EmulatedFunction function = new EmulatedFunction(slot, address(slot), models.create(card), history);
        function.plugIn();
        return new Occupant(slot, card, function);
    }

    /** Puts another card, or none, into a slot, provided that it still has the one expected. */
    private boolean replace(int slot, @Nullable Occupant expected, @Nullable Occupant next) {
        lock.lock();
        try {
            if (occupants[slot] != expected || closed) {
                return false;
            }
            occupants[slot] = next;
            present();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The lock is held. */
    private void present() {
        List<HostFunction> functions = new ArrayList<>();
        for (Occupant occupant : occupants) {
            if (occupant != null && occupant.socket().isEmpty()) {
                functions.add(occupant.function());
            }
        }
        host.present(functions);
    }

    private Occupant occupant(int slot) {
        checkSlot(slot);
        Occupant occupant = find(slot);
        if (occupant == null) {
            throw empty(slot);
        }
        return occupant;
    }

    private @Nullable Occupant find(int slot) {
        lock.lock();
        try {
            return occupants[slot];
        } finally {
            lock.unlock();
        }
    }

    private void checkSlot(int slot) {
        if (slot < 1 || slot >= occupants.length) {
            throw new IllegalArgumentException(
                    "there is no slot " + slot + "; this rack has slots 1 to " + (occupants.length - 1));
        }
    }

    private static IllegalStateException empty(int slot) {
        return new IllegalStateException("slot " + slot + " is empty");
    }

    private static PciAddress address(int slot) {
        return new PciAddress(DOMAIN, slot, 0, 0);
    }
}
