package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.busbar.device.Deadline;
import org.busbar.pci.Bar;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.PciHost;

/** Just enough of a driver to talk to the controller: one thread, polling, no error recovery. */
final class MiniNvme implements AutoCloseable {

    static final int ADMIN_ENTRIES = 16;
    static final long ADMIN_SQ = 0x10_0000;
    static final long ADMIN_CQ = 0x10_1000;
    static final long DATA = 0x100_0000;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final long TIMEOUT_MILLIS = 10_000;

    final FunctionHandle handle;
    final Bar bar;
    final Notices notices;
    Queue admin;

    MiniNvme(PciHost host, HostFunction function) throws IOException {
        notices = new Notices();
        handle = host.open(function, notices);
        bar = handle.bar(0);
    }

    /** Opens the first card of a rack and starts it. */
    static MiniNvme start(EmulatedRack rack) throws IOException {
        MiniNvme nvme = new MiniNvme(
                rack.host(), rack.host().scan(null).functions().getFirst());
        nvme.enable();
        return nvme;
    }

    void enable() throws IOException {
        MemorySegment submissions = handle.dma().map(ADMIN_SQ, 4096);
        MemorySegment completions = handle.dma().map(ADMIN_CQ, 4096);
        bar.write32(0x24, (ADMIN_ENTRIES - 1) | ((ADMIN_ENTRIES - 1) << 16));
        bar.write64(0x28, ADMIN_SQ);
        bar.write64(0x30, ADMIN_CQ);
        admin = new Queue(0, ADMIN_ENTRIES, submissions, completions);
        bar.write32(0x14, 0x0046_0001);
        awaitRegister(0x1c, 1, 1);
    }

    /** Waits until a register has certain bits. */
    void awaitRegister(int offset, int mask, int value) {
        Deadline deadline = Deadline.afterMillis(TIMEOUT_MILLIS);
        while ((bar.read32(offset) & mask) != value) {
            assertThat(deadline.expired())
                    .as("register %x is %x", offset, bar.read32(offset))
                    .isFalse();
            Thread.onSpinWait();
        }
    }

    /** Creates an I/O queue pair at fixed addresses of its own, both rings of a size. */
    Queue createQueue(int id, int entries) throws IOException {
        long submissionBase = 0x20_0000L * id;
        long completionBase = submissionBase + 0x10_0000;
        MemorySegment submissions = handle.dma().map(submissionBase, 0x1_0000);
        MemorySegment completions = handle.dma().map(completionBase, 0x1_0000);
        assertThat(admin.run(0x05, 0, completionBase, 0, id | ((entries - 1) << 16), 3 | (id << 16), 0))
                .isZero();
        assertThat(admin.run(0x01, 0, submissionBase, 0, id | ((entries - 1) << 16), 1 | (id << 16), 0))
                .isZero();
        return new Queue(id, entries, submissions, completions);
    }

    MemorySegment data(long bytes) throws IOException {
        return handle.dma().map(DATA, bytes);
    }

    @Override
    public void close() {
        handle.interrupts().disable();
        handle.stopDma();
        handle.closeBars();
        handle.close();
    }

    /** A queue pair. */
    final class Queue {

        final int id;
        final int entries;
        private final MemorySegment submissions;
        private final MemorySegment completions;
        private int tail;
        private int head;
        private int phase = 1;
        private int nextCommand;
        private int flags;
        private long metadata;
        int result;
        int command;
        int submissionHead;

        Queue(int id, int entries, MemorySegment submissions, MemorySegment completions) {
            this.id = id;
            this.entries = entries;
            this.submissions = submissions;
            this.completions = completions;
        }

        /** Gives the next command a metadata pointer and PSDT: 0 PRPs, 1 SGLs, 2 SGLs for metadata too. */
        Queue with(long metadataPointer, int dataTransfer) {
            metadata = metadataPointer;
            flags = dataTransfer << 14;
            return this;
        }

        /** Puts a command into the ring without telling the controller; returns its ID. */
        int put(int opcode, int namespace, long prp1, long prp2, int... dwords) {
            MemorySegment entry = submissions.asSlice(64L * tail, 64);
            entry.fill((byte) 0);
            nextCommand = (nextCommand + 1) & 0xffff;
            entry.set(ValueLayout.JAVA_INT, 0, opcode | flags | (nextCommand << 16));
            entry.set(ValueLayout.JAVA_LONG, 16, metadata);
            flags = 0;
            metadata = 0;
            entry.set(ValueLayout.JAVA_INT, 4, namespace);
            entry.set(ValueLayout.JAVA_LONG, 24, prp1);
            entry.set(ValueLayout.JAVA_LONG, 32, prp2);
            for (int i = 0; i < dwords.length; i++) {
                entry.set(ValueLayout.JAVA_INT, 40 + 4L * i, dwords[i]);
            }
            tail = (tail + 1) % entries;
            return nextCommand;
        }

        void ring() {
            bar.write32(0x1000 + 8L * id, tail);
        }

        /** Takes a completion if there is one; returns its status, or -1. */
        int poll() {
            int last = (int) INT.getAcquire(completions, 16L * head + 12);
            if (((last >>> 16) & 1) != phase) {
                return -1;
            }
            result = completions.get(ValueLayout.JAVA_INT, 16L * head);
            submissionHead = completions.get(ValueLayout.JAVA_INT, 16L * head + 8) & 0xffff;
            command = last & 0xffff;
            head++;
            if (head == entries) {
                head = 0;
                phase ^= 1;
            }
            return last >>> 17;
        }

        void acknowledge() {
            bar.write32(0x1004 + 8L * id, head);
        }

        int await() {
            Deadline deadline = Deadline.afterMillis(TIMEOUT_MILLIS);
            int status = poll();
            while (status < 0) {
                assertThat(deadline.expired()).as("no completion in queue %d", id).isFalse();
                Thread.onSpinWait();
                status = poll();
            }
            acknowledge();
            return status;
        }

        /** Has one command carried out; returns its status. */
        int run(int opcode, int namespace, long prp1, long prp2, int... dwords) {
            int wanted = put(opcode, namespace, prp1, prp2, dwords);
            ring();
            int status = await();
            assertThat(command).isEqualTo(wanted);
            return status;
        }

        int read(long block, int blocks, long prp1, long prp2) {
            return run(0x02, 1, prp1, prp2, (int) block, (int) (block >>> 32), blocks - 1);
        }

        int write(long block, int blocks, long prp1, long prp2) {
            return run(0x01, 1, prp1, prp2, (int) block, (int) (block >>> 32), blocks - 1);
        }
    }

    /** Takes notices into a queue. */
    static final class Notices implements FunctionNotices {

        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

        @Override
        public void ejectRequested() {
            seen.add("eject requested");
        }

        @Override
        public void ejectCancelled() {
            seen.add("eject cancelled");
        }

        @Override
        public void maybeGone() {
            seen.add("maybe gone");
        }

        @Override
        public void error(String what) {
            seen.add(what);
        }
    }
}
