package org.busbar.driver.virtionet;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.Health;
import org.busbar.net.MacAddress;
import org.busbar.pci.DmaBuffer;

/** The control virtqueue (5.1.6.5): one command at a time, each waited for. Thread-safe. */
final class ControlQueue {

    /** The most groups that fit into the memory for a command, with their counts. */
    static final int MAX_GROUPS = 256;

    static final int BYTES = 4096;

    private static final long MILLIS = 1_000;
    private static final int ACK = BYTES - 8;
    private static final int PAYLOAD = 2;
    private static final int OK = 0;
    private static final int UNANSWERED = 0xff;

    // Classes and commands.
    private static final int RX = 0;
    private static final int RX_PROMISC = 0;
    private static final int RX_ALLMULTI = 1;
    private static final int MAC = 1;
    private static final int MAC_TABLE_SET = 0;
    private static final int MAC_ADDR_SET = 1;
    private static final int VLAN = 2;
    private static final int VLAN_ADD = 0;
    private static final int VLAN_DEL = 1;
    private static final int MQ = 4;
    private static final int MQ_VQ_PAIRS_SET = 0;
    private static final int MQ_RSS_CONFIG = 1;

    private final DeviceContext context;
    private final Virtqueue queue;
    private final Ring ring;
    private final Doorbell doorbell;
    private final Health health;
    private final MemorySegment memory;
    private final long address;
    private final ReentrantLock lock = new ReentrantLock();
    /** A command that was given up on, and that the device may still read. Guarded by the lock. */
    private boolean pending;

    ControlQueue(DeviceContext context, Virtqueue queue, Health health, DmaBuffer buffer) {
        this.context = context;
        this.queue = queue;
        ring = queue.ring();
        doorbell = queue.doorbell();
        this.health = health;
        memory = buffer.memory();
        address = buffer.address();
    }

    /** Has the device reset with all other commands kept out. */
    void reset(ResetStep reset) throws IOException, DeviceTimeoutException, InterruptedException {
        lock.lockInterruptibly();
        try {
            reset.run();
        } finally {
            lock.unlock();
        }
    }

    /** Gives the device the virtqueue anew, in the course of a {@link #reset}. */
    void again(QueueSetup setup) throws IOException {
        setup.again(queue);
        pending = false;
    }

    /** What is done to the device while nobody asks it for anything. */
    interface ResetStep {
        void run() throws IOException, DeviceTimeoutException, InterruptedException;
    }

    /** Whether frames for all are received (5.1.6.5.1). */
    void promiscuous(boolean on) throws IOException {
        flag("promiscuous mode", RX, RX_PROMISC, on);
    }

    /** Whether frames for all groups are received. */
    void allMulticast(boolean on) throws IOException {
        flag("all multicast", RX, RX_ALLMULTI, on);
    }

    /** Which groups frames are received of (5.1.6.5.2.1): a table of stations, which is empty, and one of groups. */
    void groups(List<MacAddress> groups) throws IOException {
        lock.lock();
        try {
            settle();
            memory.set(Little.INT.withByteAlignment(1), PAYLOAD, 0);
            memory.set(Little.INT.withByteAlignment(1), PAYLOAD + 4L, groups.size());
            int at = PAYLOAD + 8;
            for (MacAddress group : groups) {
                put(group, at);
                at += 6;
            }
            command("the filter of groups", MAC, MAC_TABLE_SET, at - PAYLOAD);
        } finally {
            lock.unlock();
        }
    }

    /** The station's address (5.1.6.5.2.1). */
    void mac(MacAddress mac) throws IOException {
        lock.lock();
        try {
            settle();
            put(mac, PAYLOAD);
            command("the address " + mac, MAC, MAC_ADDR_SET, 6);
        } finally {
            lock.unlock();
        }
    }

    /** Whether frames of a VLAN are received (5.1.6.5.3). */
    void vlan(int id, boolean receive) throws IOException {
        number("VLAN " + id, VLAN, receive ? VLAN_ADD : VLAN_DEL, id);
    }

    /** How many queue pairs the device spreads frames over (5.1.6.5.5). */
    void pairs(int pairs) throws IOException {
        number(pairs + " queue pairs", MQ, MQ_VQ_PAIRS_SET, pairs);
    }

    /**
     * Spreads frames by a hash (5.1.6.5.7).
     *
     * @param types what is hashed
     * @param table of receive queues
     * @param unclassified the queue for what has no hash
     * @param senders transmit queues from the first on that are in use
     */
    void spread(int types, List<Integer> table, int unclassified, int senders, List<Integer> key) throws IOException {
        lock.lock();
        try {
            settle();
            memory.set(Little.INT.withByteAlignment(1), PAYLOAD, types);
            memory.set(Little.SHORT, PAYLOAD + 4, (short) (table.size() - 1));
            memory.set(Little.SHORT, PAYLOAD + 6, (short) unclassified);
            int at = PAYLOAD + 8;
            for (int queue : table) {
                memory.set(Little.SHORT, at, (short) queue);
                at += 2;
            }
            memory.set(Little.SHORT, at, (short) senders);
            memory.set(ValueLayout.JAVA_BYTE, at + 2, (byte) key.size());
            at += 3;
            for (int octet : key) {
                memory.set(ValueLayout.JAVA_BYTE, at++, (byte) octet);
            }
            command("how frames are spread", MQ, MQ_RSS_CONFIG, at - PAYLOAD);
        } finally {
            lock.unlock();
        }
    }

    private void flag(String what, int type, int command, boolean on) throws IOException {
        lock.lock();
        try {
            settle();
            memory.set(ValueLayout.JAVA_BYTE, PAYLOAD, (byte) (on ? 1 : 0));
            command(what + (on ? " on" : " off"), type, command, 1);
        } finally {
            lock.unlock();
        }
    }

    private void number(String what, int type, int command, int value) throws IOException {
        lock.lock();
        try {
            settle();
            memory.set(Little.SHORT, PAYLOAD, (short) value);
            command(what, type, command, 2);
        } finally {
            lock.unlock();
        }
    }

    private void put(MacAddress mac, int at) {
        for (int i = 0; i < 6; i++) {
            memory.set(ValueLayout.JAVA_BYTE, at + i, mac.octet(i));
        }
    }

    /** The memory of a command is free once the device has answered it, however late. */
    private void settle() throws IOException {
        if (pending) {
            await("an earlier command");
        }
    }

    /** Has a command carried out whose payload is in place. */
    private void command(String what, int type, int command, int payload) throws IOException {
        memory.set(ValueLayout.JAVA_BYTE, 0, (byte) type);
        memory.set(ValueLayout.JAVA_BYTE, 1, (byte) command);
        memory.set(ValueLayout.JAVA_BYTE, ACK, (byte) UNANSWERED);
        ring.add(address, PAYLOAD + payload, Ring.NEXT);
        ring.add(address + ACK, 1, Ring.WRITE);
        pending = true;
        if (ring.publish()) {
            doorbell.ring();
        }
        await(what);
        int ack = memory.get(ValueLayout.JAVA_BYTE, ACK) & 0xff;
        if (ack != OK) {
            throw new IOException("the device refuses to set " + what + " (ack " + ack + ")");
        }
    }

    private void await(String what) throws IOException {
        try {
            context.await(
                    "the control virtqueue to set " + what,
                    () -> ring.hasUsed() || ring.fault() != null,
                    Deadline.afterMillis(MILLIS));
        } catch (DeviceTimeoutException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the device to set " + what, e);
        }
        if (ring.take() == Ring.NONE) {
            String why = "the device breaks the rules of the control virtqueue: " + ring.fault();
            health.fail(why);
            throw new IOException(why);
        }
        pending = false;
    }
}
