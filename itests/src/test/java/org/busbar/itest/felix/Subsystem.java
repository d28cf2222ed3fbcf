package org.busbar.itest.felix;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.pci.PciAddress;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/** A driver bundle, cards that it drives, and applications that keep them busy. */
final class Subsystem implements Comparable<Subsystem> {

    private final Rig rig;
    private final String module;
    private final Class<?> service;
    private final Map<Integer, Card> cards;
    private final Fault fault;
    private final List<Application> applications;
    private final Bundle bundle;
    private final List<Load> loads = new ArrayList<>();
    private int version;

    /** Starts an application, once what it uses is there. */
    interface Application {

        Load begin() throws Exception;
    }

    /**
     * Inserts the cards and starts the bundle.
     *
     * @param service what the driver publishes for each card
     * @param fault makes a device of its kind fail so that its driver has to reset it
     */
    Subsystem(
            Rig rig,
            String module,
            Class<?> service,
            Map<Integer, Card> cards,
            Fault fault,
            List<Application> applications) throws BundleException {
        this.rig = rig;
        this.module = module;
        this.service = service;
        this.cards = cards;
        this.fault = fault;
        this.applications = applications;
        for (int slot : slots()) {
            insert(slot);
        }
        bundle = rig.installModule(module);
        bundle.start();
    }

    Bundle bundle() {
        return bundle;
    }

    List<Integer> slots() {
        return cards.keySet().stream().sorted().toList();
    }

    void insert(int slot) {
        rig.rack().insert(slot, cards.get(slot));
        rig.awaitPresent(slot);
    }

    void update() throws BundleException, InterruptedException {
        version++;
        bundle.update(BundleJar.copyOf(Felix.jar(module)).version("0.3." + version).open());
        rig.refresh(bundle);
    }

    /** Has a device fail, and its applications meet that, until they end or have done many rounds; heals it. */
    void fail(int slot, int rounds) {
        long goal = rounds() + rounds;
        rig.rack().fault(slot, fault);
        Eventually.await(
                this + " to meet the fault",
                () -> rounds() >= goal || loads.stream().anyMatch(Load::failed),
                () -> rig.describe(slot));
        rig.rack().heal(slot);
    }

    private long rounds() {
        return loads.stream().mapToLong(Load::rounds).sum();
    }

    void begin() throws Exception {
        for (Application application : applications) {
            loads.add(application.begin());
        }
    }

    /**
     * Ends the applications, which have met what was done to their devices, and starts new ones, until all go well: what they
     * find at first may be of a binding that is just ending, or a port that is being reset.
     */
    void beginAgain() throws Exception {
        Deadline deadline = Rig.soon();
        boolean well = false;
        while (!well) {
            for (Load load : loads) {
                load.abandon();
            }
            loads.clear();
            rig.settle();
            liftQuarantine();
            try {
                begin();
                well = true;
            } catch (DeviceGoneException | IOException | AssertionError e) {
                if (deadline.expired()) {
                    throw e;
                }
            }
        }
    }

    /** As an operator does after a device that has failed again and again. */
    private void liftQuarantine() throws DeviceTimeoutException, InterruptedException {
        for (int slot : slots()) {
            if (rig.state(slot).equals("QUARANTINED")) {
                rig.bus().attach(Rig.address(slot), Rig.soon());
            }
        }
    }

    /** Waits until all applications have noticed that their device is gone. */
    void awaitGone() {
        loads.forEach(Load::awaitGone);
    }

    /** Waits until the application of a slot's card has noticed that it is gone. */
    void awaitGone(int slot) {
        loads.get(loads.size() == 1 ? 0 : slots().indexOf(slot)).awaitGone();
    }

    void awaitProgress() {
        loads.forEach(Load::awaitProgress);
    }

    void end() throws InterruptedException {
        for (Load load : loads) {
            load.close();
        }
    }

    /** Returns the services of its cards, and all that has happened to them. */
    List<Object> history() {
        List<Object> history = new ArrayList<>();
        for (int slot : slots()) {
            PciAddress address = Rig.address(slot);
            history.add(rig.reference(service, slot));
            rig.events()
                    .stream()
                    .filter(e -> e.device() != null && e.device().address().equals(address.toString()))
                    .forEach(history::add);
        }
        return history;
    }

    @Override
    public int compareTo(Subsystem other) {
        return module.compareTo(other.module);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Subsystem subsystem && subsystem.module.equals(module);
    }

    @Override
    public int hashCode() {
        return module.hashCode();
    }

    @Override
    public String toString() {
        return module;
    }
}
