package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NvmeFault;
import org.busbar.emulator.NvmeFault.Queues;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each fault of an NVMe controller looks like to a driver. */
@Timeout(60)
class NvmeFaultsTest {

    private static final int PAGE = 4096;
    private static final int DNR = 0x4000;
    private static final int ABORT = 0x08;

    private final EmulatedRack rack = new EmulatedRack(1);
    private MiniNvme nvme;
    private MemorySegment data;
    private MiniNvme.Queue queue;

    @BeforeEach
    void start() throws IOException {
        rack.insert(1, Card.parse("nvme:size=1M,namespaces=2,metadata=0+8,protection=0+1"));
        nvme = MiniNvme.start(rack);
        data = nvme.data(4 * PAGE);
        queue = nvme.createQueue(1, 64);
    }

    @AfterEach
    void theModelHasNotCrashed() {
        assertThat(rack.crash(1)).isNull();
        rack.close();
    }

    private int read() {
        return queue.read(0, 1, MiniNvme.DATA, 0);
    }

    private int put() {
        return queue.put(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0);
    }

    @Test
    void gettingReadyAndShuttingDownMayTakeTheirTime() throws IOException {
        rack.fault(1, new NvmeFault.SlowTransitions(Duration.ofMillis(40)));
        long begin = System.nanoTime();
        nvme.bar.write32(0x14, 0);
        nvme.awaitRegister(0x1c, 1, 0);
        assertThat(System.nanoTime() - begin).isGreaterThan(40_000_000L);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_SQ);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_CQ);
        begin = System.nanoTime();
        nvme.enable();
        assertThat(System.nanoTime() - begin).isGreaterThan(40_000_000L);
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).isZero();
        begin = System.nanoTime();
        nvme.bar.write32(0x14, 0x0046_4001);
        nvme.awaitRegister(0x1c, 0xc, 0x8);
        assertThat(System.nanoTime() - begin).isGreaterThan(40_000_000L);
        rack.fault(1, new NvmeFault.SlowTransitions(Duration.ofHours(1)));
        nvme.bar.write32(0x14, 0);
        rack.heal(1);
        nvme.awaitRegister(0x1c, 1, 0);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_SQ);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_CQ);
        nvme.enable();
        rack.fault(1, new NvmeFault.SlowTransitions(Duration.ofHours(1)));
        nvme.bar.write32(0x14, 0x0046_4001);
        nvme.awaitRegister(0x1c, 0xc, 0x4);
    }

    @Test
    void theAdminQueueMayBeSlow() {
        rack.fault(1, new NvmeFault.SlowAdmin(Duration.ofMillis(30)));
        long begin = System.nanoTime();
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).isZero();
        assertThat(System.nanoTime() - begin).isGreaterThan(30_000_000L);
        rack.fault(1, new NvmeFault.SlowAdmin(Duration.ofHours(1)));
        assertThat(read()).as("the others are not").isZero();
    }

    @Test
    void theControllerFailsAtACommand() {
        rack.fault(1, new NvmeFault.Fatal(Queues.IO, 3));
        assertThat(read()).isZero();
        assertThat(read()).isZero();
        put();
        queue.ring();
        nvme.awaitRegister(0x1c, 2, 2);
        assertThat(queue.poll()).isEqualTo(-1);
        nvme.bar.write32(0x14, 0);
        nvme.awaitRegister(0x1c, 3, 0);
    }

    @Test
    void theControllerFailsAtAnAdminCommand() {
        rack.fault(1, new NvmeFault.Fatal(Queues.ADMIN, 1));
        assertThat(read()).isZero();
        nvme.admin.put(0x0a, 0, 0, 0, 7);
        nvme.admin.ring();
        nvme.awaitRegister(0x1c, 2, 2);
    }

    @Test
    void aCommandThatNeverCompletesCanBeAborted() {
        rack.fault(1, new NvmeFault.NeverCompleted(Queues.IO, 2));
        int first = put();
        int second = put();
        int third = put();
        queue.ring();
        assertThat(queue.await()).isZero();
        assertThat(queue.command).isEqualTo(first);
        assertThat(queue.await()).isZero();
        assertThat(queue.command).isEqualTo(third);
        assertThat(nvme.admin.run(ABORT, 0, 0, 0, 1 | (second << 16))).isZero();
        assertThat(nvme.admin.result).as("aborted").isZero();
        assertThat(queue.await()).isEqualTo(0x07);
        assertThat(queue.command).isEqualTo(second);
    }

    @Test
    void anAdminCommandMayNeverCompleteEither() {
        rack.fault(1, new NvmeFault.NeverCompleted(Queues.ADMIN, 1));
        int stuck = nvme.admin.put(0x0a, 0, 0, 0, 7);
        nvme.admin.ring();
        assertThat(nvme.admin.run(ABORT, 0, 0, 0, stuck << 16)).isZero();
        assertThat(nvme.admin.await()).isEqualTo(0x07);
        assertThat(nvme.admin.command).isEqualTo(stuck);
    }

    @Test
    void abortsMayBeUseless() {
        rack.fault(1, new NvmeFault.NeverCompleted(Queues.IO, 1));
        rack.fault(1, new NvmeFault.UselessAbort());
        int stuck = put();
        int next = put();
        queue.ring();
        assertThat(queue.await()).isZero();
        assertThat(queue.command).isEqualTo(next);
        assertThat(nvme.admin.run(ABORT, 0, 0, 0, 1 | (stuck << 16))).isZero();
        assertThat(nvme.admin.result).as("not aborted").isEqualTo(1);
        assertThat(read()).isZero();
        assertThat(queue.poll()).isEqualTo(-1);
    }

    @Test
    void deletingAQueueEndsWhatIsStuckInIt() {
        rack.fault(1, new NvmeFault.NeverCompleted(Queues.IO, 1));
        int stuck = put();
        int next = put();
        queue.ring();
        assertThat(queue.await()).isZero();
        assertThat(queue.command).isEqualTo(next);
        assertThat(nvme.admin.run(0x00, 0, 0, 0, 1)).isZero();
        assertThat(queue.await()).isEqualTo(0x08);
        assertThat(queue.command).isEqualTo(stuck);
    }

    @Test
    void aCommandCompletesTwice() {
        rack.fault(1, new NvmeFault.CompletedTwice(Queues.IO, 2));
        int first = put();
        int second = put();
        int third = put();
        queue.ring();
        List<Integer> completed = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            assertThat(queue.await()).isZero();
            completed.add(queue.command);
        }
        assertThat(completed).containsExactly(first, second, second, third);
    }

    @Test
    void aCompletionBearsAnotherIdentifier() {
        rack.fault(1, new NvmeFault.WrongIdentifier(Queues.IO, 1, 0xbeef));
        put();
        queue.ring();
        assertThat(queue.await()).isZero();
        assertThat(queue.command).isEqualTo(0xbeef);
        assertThat(read()).as("once only").isZero();
    }

    @Test
    void aCompletionHasTheWrongPhase() {
        rack.fault(1, new NvmeFault.WrongPhase(Queues.IO, 1));
        put();
        queue.ring();
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).isZero();
        assertThat(queue.poll()).as("looks as if it was not there").isEqualTo(-1);
        // A driver that looked at the next entry would find it.
        put();
        queue.ring();
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).isZero();
        assertThat(queue.poll()).isEqualTo(-1);
    }

    @Test
    void headsAreGarbage() {
        rack.fault(1, new NvmeFault.GarbageHead(Queues.IO, 4711));
        int outside = 0;
        for (int i = 0; i < 20; i++) {
            assertThat(read()).isZero();
            outside += queue.submissionHead >= queue.entries ? 1 : 0;
        }
        assertThat(outside).isGreaterThan(10);
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).isZero();
        assertThat(nvme.admin.submissionHead).isLessThan(nvme.admin.entries);
    }

    @Test
    void completionsAreGarbage() {
        rack.fault(1, new NvmeFault.GarbageCompletion(Queues.IO, 1, 12));
        for (int i = 0; i < 40; i++) {
            put();
        }
        queue.ring();
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).as("the admin queue is spared").isZero();
        int seen = 0;
        while (queue.poll() >= 0) {
            assertThat(queue.command).isGreaterThan(40);
            seen++;
        }
        assertThat(seen).as("until one has the wrong phase").isLessThan(40);
        assertThat(rack.iommuFaults()).isEmpty();
    }

    @Test
    void someBlocksCannotBeRead() {
        rack.fault(1, new NvmeFault.MediaError(1, 100, 8, true, false));
        assertThat(queue.read(92, 8, MiniNvme.DATA, 0)).isZero();
        assertThat(queue.read(92, 9, MiniNvme.DATA, MiniNvme.DATA + PAGE)).isEqualTo(0x281);
        assertThat(queue.read(107, 1, MiniNvme.DATA, 0)).isEqualTo(0x281);
        assertThat(queue.read(108, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(queue.run(0x0c, 1, 0, 0, 0, 0, 0x1ff)).as("verify").isEqualTo(0x281);
        assertThat(queue.write(100, 8, MiniNvme.DATA, 0)).isZero();
        assertThat(queue.run(0x02, 2, MiniNvme.DATA, 0, 100, 0, 0)).as("of the other namespace").isNotEqualTo(0x281);

        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 2 | (127 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 160)).as("media errors").isEqualTo(3);
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 1 | (127 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 2 * 64 + 16)).as("LBA of the second").isEqualTo(107);
    }

    @Test
    void someBlocksCannotBeWritten() {
        rack.fault(1, new NvmeFault.MediaError(1, 100, 8, false, true));
        assertThat(queue.write(107, 2, MiniNvme.DATA, 0)).isEqualTo(0x280);
        assertThat(queue.run(0x08, 1, 0, 0, 100, 0, 0)).as("zeroes").isEqualTo(0x280);
        assertThat(queue.read(100, 8, MiniNvme.DATA, 0)).isZero();
        rack.heal(1);
        assertThat(queue.write(107, 2, MiniNvme.DATA, 0)).isZero();
    }

    @Test
    void identifyAndLogsAreGarbage() {
        rack.fault(1, new NvmeFault.GarbageIdentify(0));
        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 4088)).isEqualTo(-1);
        rack.fault(1, new NvmeFault.GarbageIdentify(99));
        assertThat(nvme.admin.run(0x06, 1, MiniNvme.DATA, 0, 0)).isZero();
        long one = data.get(ValueLayout.JAVA_LONG, 0);
        assertThat(nvme.admin.run(0x06, 1, MiniNvme.DATA, 0, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).as("each time otherwise").isNotEqualTo(one);
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 3 | (127 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 0)).as("logs are right").isEqualTo((byte) 1);
        rack.heal(1);
        rack.fault(1, new NvmeFault.GarbageLogs(0));
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 3 | (127 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 504)).isEqualTo(-1);
    }

    @Test
    void corruptionIsSilentWithoutProtectionAndIsFoundWithIt() {
        rack.fault(1, new NvmeFault.SilentCorruption(1));
        data.fill((byte) 0);
        assertThat(queue.write(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(read()).as("nobody notices").isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 100)).isEqualTo((byte) 8);

        int act = 1 << 29;
        int guard = 1 << 28;
        data.fill((byte) 0);
        assertThat(queue.run(0x01, 2, MiniNvme.DATA, 0, 7, 0, act, 0, 7, 0)).isZero();
        assertThat(queue.run(0x02, 2, MiniNvme.DATA, 0, 7, 0, act | guard, 0, 7, 0)).isEqualTo(DNR | 0x282);
        rack.heal(1);
        assertThat(queue.run(0x01, 2, MiniNvme.DATA, 0, 7, 0, act, 0, 7, 0)).isZero();
        assertThat(queue.run(0x02, 2, MiniNvme.DATA, 0, 7, 0, act | guard, 0, 7, 0)).isZero();
    }

    @Test
    void faultsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> rack.fault(1, new NvmeFault.Fatal(Queues.IO, 0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rack.fault(1, new NvmeFault.WrongIdentifier(Queues.IO, 1, 65_536)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rack.fault(1, new NvmeFault.MediaError(1, 0, 0, true, true)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rack.fault(1, new Fault.LinkDown())).isInstanceOf(IllegalArgumentException.class);
        assertThat(rack.slots().getFirst().faults()).isEmpty();
    }
}
