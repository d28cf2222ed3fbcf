package org.busbar.driver.nic;

import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.net.FlowControl;
import org.busbar.net.MacAddress;

/**
 * What has been chosen for a port since its binding began. The registers lose it in a reset, and get it back from here. Changes
 * are first checked, then remembered, then written. Thread-safe.
 */
final class Choices {

    private static final int MTU = 1500;
    private static final int MIN_MTU = 68;
    /** The longest frame, with a tag and the frame check sequence, that is no long one to the hardware. */
    private static final int NORMAL_FRAME = 1522;

    private static final int VLANS = 4096;
    private static final long GROUP = 1L << 40;

    private final Registers registers;
    private final Family family;

    // Guarded by this.
    private boolean promiscuous;
    private boolean allMulticast;
    private List<MacAddress> groups = List.of();
    private final BitSet vlans = new BitSet();
    private int interval;
    private int vectors;

    // Written with the lock, read without.
    private volatile MacAddress mac;
    private volatile int mtu = MTU;
    private volatile boolean vlanMode;
    private volatile FlowControl flowControl = FlowControl.NONE;

    Choices(Registers registers, Family family, MacAddress mac) {
        this.registers = registers;
        this.family = family;
        this.mac = mac;
    }

    static boolean isStation(long address) {
        return address != 0 && (address & GROUP) == 0;
    }

    MacAddress mac() {
        return mac;
    }

    int mtu() {
        return mtu;
    }

    /** Whether tags of VLANs are taken out and put in by the controller, which does both or neither. */
    boolean vlanMode() {
        return vlanMode;
    }

    FlowControl flowControl() {
        return flowControl;
    }

    /** Writes everything that is not as a reset leaves it. */
    synchronized void apply() {
        registers.filter().station(mac);
        registers.filter().groups(groups);
        registers.filter().vlans(vlans);
        registers.control().vlanMode(vlanMode);
        registers.interrupts().throttle(interval, vectors);
        accept();
        sizes();
    }

    /** Resets the controller with changes kept out, and writes everything again. */
    synchronized void reset(Queues.ResetStep reset) throws DeviceTimeoutException, InterruptedException {
        reset.run();
        apply();
    }

    synchronized void promiscuous(boolean on) {
        promiscuous = on;
        accept();
    }

    synchronized void allMulticast(boolean on) {
        allMulticast = on;
        accept();
    }

    synchronized void groups(List<MacAddress> chosen) {
        for (MacAddress group : chosen) {
            if ((group.value() & GROUP) == 0) {
                throw new IllegalArgumentException(group + " is no group address");
            }
        }
        groups = List.copyOf(chosen);
        registers.filter().groups(groups);
    }

    synchronized void vlan(int id, boolean receive) {
        if (id < 0 || id >= VLANS) {
            throw new IllegalArgumentException("VLANs are 0 to " + (VLANS - 1) + ", not " + id);
        }
        vlans.set(id, receive);
        registers.filter().vlans(vlans);
    }

    synchronized void mac(MacAddress address) {
        if (!isStation(address.value())) {
            throw new IllegalArgumentException(address + " is no station's address");
        }
        mac = address;
        registers.filter().station(address);
    }

    synchronized void mtu(int bytes) {
        if (bytes < MIN_MTU || bytes > family.maxMtu()) {
            throw new IllegalArgumentException(
                    "the MTU is " + MIN_MTU + " to " + family.maxMtu() + ", not " + bytes);
        }
        mtu = bytes;
        sizes();
    }

    synchronized void vlanMode(boolean on) {
        vlanMode = on;
        registers.control().vlanMode(on);
    }

    synchronized void flowControl(FlowControl mode) {
        flowControl = mode;
        sizes();
    }

    /** @param count vectors that are in use */
    synchronized void throttle(Duration wanted, int count) {
        long unit = InterruptRegisters.INTERVAL_NANOS;
        Duration longest = Duration.ofNanos(InterruptRegisters.MAX_INTERVAL * unit);
        if (wanted.isNegative() || wanted.compareTo(longest) > 0) {
            throw new IllegalArgumentException("interrupts can be held back for 0 to " + longest.toNanos() / 1000
                    + " microseconds, not for " + wanted);
        }
        interval = (int) ((wanted.toNanos() + unit - 1) / unit);
        vectors = count;
        registers.interrupts().throttle(interval, vectors);
    }

    /** Promiscuous means everything: frames of groups and of VLANs that nobody has chosen as well. */
    private void accept() {
        registers.receive().accept(promiscuous, promiscuous || allMulticast, !promiscuous);
    }

    private void sizes() {
        int frame = mtu + Family.AROUND_PAYLOAD;
        registers.receive().longFrames(frame > NORMAL_FRAME);
        registers.pauses().mode(flowControl, family.receiveKilobytes() * 1024, frame);
        registers.control().pauses(flowControl);
    }
}
