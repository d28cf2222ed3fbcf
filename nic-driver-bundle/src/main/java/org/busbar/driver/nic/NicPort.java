package org.busbar.driver.nic;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.Gate;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.LinkMonitor;
import org.busbar.net.FlowControl;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortStatistics;
import org.busbar.net.ReceiveSpread;
import org.busbar.pci.PciDeviceContext;

/** The controller's one port. */
final class NicPort implements NetworkPort {

    private final PciDeviceContext context;
    private final Family family;
    private final Registers registers;
    private final Choices choices;
    private final Gate gate;
    private final Health health;
    private final LinkMonitor monitor;
    private final InterruptHandler interrupts;
    private final Queues queues;

    NicPort(
            PciDeviceContext context,
            Family family,
            Registers registers,
            Choices choices,
            Gate gate,
            Health health,
            LinkMonitor monitor,
            InterruptHandler interrupts,
            Queues queues) {
        this.context = context;
        this.family = family;
        this.registers = registers;
        this.choices = choices;
        this.gate = gate;
        this.health = health;
        this.monitor = monitor;
        this.interrupts = interrupts;
        this.queues = queues;
    }

    @Override
    public String name() {
        return context.id().address();
    }

    @Override
    public MacAddress mac() {
        return choices.mac();
    }

    @Override
    public Set<PortFeature> features() {
        return family.features(interrupts.present());
    }

    // --- link

    @Override
    public LinkState link() {
        requireHere();
        return registers.control().link();
    }

    @Override
    public AutoCloseable onLinkChange(LinkListener listener) {
        requireHere();
        return monitor.add(listener);
    }

    @Override
    public void identify(boolean on) {
        requireHere();
        registers.lights().blink(on);
    }

    // --- what is received

    @Override
    public void promiscuous(boolean on) {
        requireHere();
        choices.promiscuous(on);
    }

    @Override
    public void allMulticast(boolean on) {
        requireHere();
        choices.allMulticast(on);
    }

    /** The filter goes by a hash of 12 bits: frames of other groups with the same one are received as well. */
    @Override
    public void multicast(List<MacAddress> groups) {
        requireHere();
        choices.groups(groups);
    }

    @Override
    public void vlan(int id, boolean receive) {
        requireHere();
        choices.vlan(id, receive);
    }

    @Override
    public void changeMac(MacAddress mac) {
        requireHere();
        choices.mac(mac);
    }

    /** Tags are put into frames, too, only while this is on: the controller does both or neither. */
    @Override
    public void vlanStripping(boolean on) {
        requireHere();
        choices.vlanMode(on);
    }

    // --- sizes and pace

    @Override
    public int mtu() {
        return choices.mtu();
    }

    @Override
    public int maxMtu() {
        return family.maxMtu();
    }

    @Override
    public void changeMtu(int bytes) {
        requireHere();
        choices.mtu(bytes);
    }

    @Override
    public FlowControl flowControl() {
        return choices.flowControl();
    }

    @Override
    public void changeFlowControl(FlowControl flowControl) {
        requireHere();
        choices.flowControl(flowControl);
    }

    @Override
    public void throttleInterrupts(Duration interval) throws IOException {
        requireHere();
        if (!interrupts.present()) {
            NetworkPort.super.throttleInterrupts(interval);
        }
        choices.throttle(interval, interrupts.vectors());
    }

    // --- counters

    @Override
    public PortStatistics statistics() {
        requireHere();
        SequencedMap<String, Long> counted = registers.counters().read();
        long frames = 0;
        long bytes = 0;
        long sentFrames = 0;
        long sentBytes = 0;
        for (int queue = 0; queue < family.queues(); queue++) {
            PortStatistics part = queues.statistics(queue);
            frames += part.receivedFrames();
            bytes += part.receivedBytes();
            sentFrames += part.sentFrames();
            sentBytes += part.sentBytes();
        }
        long errors = queues.dropped();
        for (String damage : HardwareCounters.DAMAGE) {
            errors += counted.getOrDefault(damage, 0L);
        }
        long missed = counted.getOrDefault(HardwareCounters.MISSED, 0L);
        return new PortStatistics(frames, bytes, sentFrames, sentBytes, errors, missed);
    }

    @Override
    public PortStatistics statistics(int queue) {
        requireHere();
        return queues.statistics(Objects.checkIndex(queue, family.queues()));
    }

    @Override
    public SequencedMap<String, Long> counters() {
        requireHere();
        SequencedMap<String, Long> all = registers.counters().read();
        all.put("dropped_by_driver", queues.dropped());
        return all;
    }

    // --- queues

    @Override
    public int queues() {
        return family.queues();
    }

    @Override
    public PortQueue openQueue() throws IOException {
        return openQueue(PortQueueOptions.DEFAULT);
    }

    @Override
    public PortQueue openQueue(PortQueueOptions options) throws IOException {
        if (!gate.pass()) {
            throw new DeviceGoneException(name() + " is being given up");
        }
        return queues.open(options);
    }

    @Override
    public Optional<ReceiveSpread> receiveSpread() {
        return family.queues() > 1 ? Optional.of(queues.spread()) : Optional.empty();
    }

    @Override
    public void changeReceiveSpread(ReceiveSpread spread) throws IOException {
        requireHere();
        if (family.queues() == 1) {
            NetworkPort.super.changeReceiveSpread(spread);
        }
        queues.changeSpread(spread);
    }

    // --- reset

    @Override
    public void reset(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException {
        requireHere();
        try {
            queues.reset(deadline, () -> resetController(deadline));
        } catch (DeviceTimeoutException e) {
            health.fail("the reset did not end in time: " + e.getMessage());
            throw e;
        }
        monitor.lookAgain();
    }

    private void resetController(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        registers.counters().collect();
        registers.interrupts().maskAll();
        registers.stop();
        choices.reset(() -> Reset.run(context, registers, family, deadline));
        registers.control().driverLoaded();
        registers.lights().restore();
        registers.control().setLinkUp();
        interrupts.setUp();
    }

    /** Has everybody who waits look again. */
    void wake() {
        interrupts.wake();
    }

    private void requireHere() {
        if (gate.isGone()) {
            throw gate.gone();
        }
    }
}
