package org.busbar.emulator.internal.nic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.Deceit;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.PacketHeaders;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.emulator.internal.nic.ReceiveFilter.Verdict;

/**
 * Takes frames from the wire, filters them, looks into them, and has a queue write them to memory (82574: section 7.1;
 * 8254x manual: section 3.2). A frame that finds too few descriptors waits, and those behind it too. Device's thread only;
 * allocates nothing per frame.
 */
final class ReceiveUnit {

    private static final int FCS = 4;
    private static final int TAG = 4;
    private static final int ADDRESSES = 12;
    private static final int MIN_FRAME = 60;
    private static final int MAX_FRAME = 1518;
    private static final int BURST = 64;

    private final NicRegisters registers;
    private final Family family;
    private final SwitchPort port;
    private final Statistics statistics;
    private final FlowControl flow;
    private final ReceiveFilter filter;
    private final VlanFilter vlans;
    private final ReceiveOffload offload;
    private final Rss rss;
    private final ReceiveQueue[] queues;
    private final PacketHeaders headers = new PacketHeaders();
    private final ReceivedFrame current = new ReceivedFrame();
    private final MemorySegment frame = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME + FCS, 8);
    private final ByteBuffer frameBytes = frame.asByteBuffer();
    private final CRC32 crc = new CRC32();
    private boolean enabled;
    private int timesOff;
    private boolean held;
    private long droppedBefore;
    private int causes;

    ReceiveUnit(
            NicRegisters registers,
            Family family,
            DmaPort dma,
            SwitchPort port,
            Statistics statistics,
            FlowControl flow,
            Deceit deceit) {
        this.registers = registers;
        this.family = family;
        this.port = port;
        this.statistics = statistics;
        this.flow = flow;
        filter = new ReceiveFilter(registers);
        vlans = new VlanFilter(registers);
        offload = new ReceiveOffload(registers, family);
        rss = new Rss(registers, family);
        queues = new ReceiveQueue[family.queues()];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new ReceiveQueue(registers, family, dma, statistics, deceit, i);
        }
        port.listensWhile(this::isOn);
    }

    void reset() {
        for (ReceiveQueue queue : queues) {
            queue.reset();
        }
        enabled = false;
        held = false;
        causes = 0;
    }

    int takeCauses(long now) {
        int taken = causes;
        causes = 0;
        for (ReceiveQueue queue : queues) {
            taken |= queue.takeCauses(now);
        }
        if ((registers.get(Reg.RDTR) & Reg.RDTR_FLUSH) != 0) {
            registers.clear(Reg.RDTR, Reg.RDTR_FLUSH);
        }
        return taken;
    }

    /** Returns in how many nanoseconds there are causes that wait for their time. */
    long due(long now) {
        long due = queues[0].due(now);
        return queues.length == 1 ? due : Math.min(due, queues[1].due(now));
    }

    /** Receives some frames; returns whether there may be more to do. */
    boolean work(long now) {
        registers.receiver().begin();
        try {
            return receive(now);
        } finally {
            registers.receiver().end();
        }
    }

    private boolean receive(long now) {
        // Before the receiver is looked at: what arrives once it has been turned on is not for discarding.
        int arrived = port.waiting();
        int rctl = registers.get(Reg.RCTL);
        followEnable((rctl & Reg.RCTL_ENABLE) != 0);
        countMissed();
        if (!enabled) {
            return discard(arrived);
        }
        for (ReceiveQueue queue : queues) {
            queue.look();
        }
        int bufferSize = bufferSize(rctl);
        boolean blocked = false;
        // Whoever turns the receiver off waits for one frame to end, not for a burst.
        for (int i = 0; i < BURST && !blocked && isOn() && (held || port.waiting() > 0); i++) {
            held = held || take(rctl, now);
            blocked = held && !deliver(bufferSize, now);
        }
        for (ReceiveQueue queue : queues) {
            queue.finish(rctl);
        }
        return !blocked && port.waiting() > 0;
    }

    private boolean isOn() {
        return (registers.get(Reg.RCTL) & Reg.RCTL_ENABLE) != 0;
    }

    private void followEnable(boolean on) {
        int off = registers.receiver().timesOff();
        if (on && (!enabled || off != timesOff)) {
            for (ReceiveQueue queue : queues) {
                queue.restart();
            }
        }
        enabled = on;
        timesOff = off;
    }

    /** With the receiver off, frames pass by. */
    private boolean discard(int arrived) {
        held = false;
        for (int i = 0; i < Math.min(arrived, BURST); i++) {
            port.receive(frame, 0, NetworkSwitch.MAX_FRAME);
        }
        return arrived > BURST;
    }

    /** What did not fit into the port's queue is what did not fit into the packet buffer. */
    private void countMissed() {
        long dropped = port.dropped();
        if (dropped != droppedBefore) {
            statistics.count(Stat.MPC, dropped - droppedBefore);
            droppedBefore = dropped;
            causes |= Reg.RXO;
        }
    }

    /** Returns whether the frame is out of the way. */
    private boolean deliver(int bufferSize, long now) {
        ReceiveQueue queue = queues[current.queue];
        if (queue.hasRoom(current.length, bufferSize)) {
            queue.deliver(frame, current, bufferSize, now);
            held = false;
            return true;
        }
        queue.starve();
        held = !queue.neverHasRoom(current.length, bufferSize);
        return !held;
    }

    /** Takes the next frame; returns whether it is wanted. */
    private boolean take(int rctl, long now) {
        int length = port.receive(frame, 0, NetworkSwitch.MAX_FRAME);
        if (length < MIN_FRAME) {
            frame.asSlice(length, MIN_FRAME - length).fill((byte) 0);
            length = MIN_FRAME;
        }
        statistics.arrived(length);
        boolean damaged = port.damaged();
        if (damaged) {
            statistics.count(Stat.CRCERRS);
        }
        if (damaged ? (rctl & Reg.RCTL_STORE_BAD) == 0 : flow.takes(frame, rctl, now)) {
            return false;
        }
        Verdict verdict = filter.judge(frame, rctl);
        boolean tagged = vlans.isTagged(frame);
        if (verdict == Verdict.REJECTED || (tagged && !vlans.wants(VlanFilter.tag(frame), rctl))) {
            return false;
        }
        if (length > MAX_FRAME && (rctl & Reg.RCTL_LONG_PACKETS) == 0) {
            statistics.count(Stat.ROC);
            return false;
        }
        if (!damaged) {
            statistics.received(length, ReceiveFilter.destination(frame));
        }
        describe(length, verdict == Verdict.INEXACT, damaged);
        if ((rctl & Reg.RCTL_STRIP_FCS) == 0) {
            appendFcs(length, damaged);
        }
        if (tagged && (registers.get(Reg.CTRL) & Reg.CTRL_VLAN) != 0) {
            stripTag();
        }
        offload.sum(frame, current);
        return true;
    }

    private void describe(int length, boolean inexact, boolean damaged) {
        current.begin(length);
        current.status |= inexact ? ReceivedFrame.PASSED_INEXACT : 0;
        current.errors |= damaged ? ReceivedFrame.DAMAGED : 0;
        boolean spread = rss.isOn();
        if (spread || offload.isOn()) {
            headers.parse(frame, length, registers.get(Reg.VET) & 0xffff);
            offload.verify(frame, headers, current);
        }
        if (spread) {
            rss.choose(frame, headers, current);
        }
    }

    /** CTRL.VME: the tag goes into the descriptor, and the addresses to where it was. */
    private void stripTag() {
        current.tag = VlanFilter.tag(frame);
        current.status |= ReceivedFrame.VLAN;
        MemorySegment.copy(frame, 0, frame, TAG, ADDRESSES);
        current.offset = TAG;
        current.length -= TAG;
    }

    private void appendFcs(int length, boolean damaged) {
        crc.reset();
        crc.update(frameBytes.clear().limit(length));
        int sequence = (int) crc.getValue();
        frame.set(ValueLayout.JAVA_INT_UNALIGNED, length, damaged ? ~sequence : sequence);
        current.length += FCS;
    }

    /** RCTL.BSIZE, BSEX and, on the 82574, FLXBUF (10.2.5.1). */
    private int bufferSize(int rctl) {
        int flexible = family.isExpress() ? (rctl >>> 27) & 0xf : 0;
        if (flexible != 0) {
            return flexible * 1024;
        }
        int code = (rctl >>> 16) & 3;
        if ((rctl & Reg.RCTL_BSEX) != 0) {
            return code == 0 ? 2048 : 32_768 >>> code;
        }
        return 2048 >>> code;
    }
}
