package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.nvme.NvmeException;
import org.junit.jupiter.api.Test;

/** Queues that are opened and closed while the controller is reset: afterwards both sides have the same. */
class OpenQueuesTest {

    private static Deadline soon() {
        return Deadline.afterMillis(20_000);
    }

    @Test
    void L5_aQueueThatIsRefusedInOneAttemptOfAResetKeepsItsIdentifierAndItsInterrupt() throws Exception {
        try (ScriptedAdmin device = new ScriptedAdmin(2, 20_000)) {
            CommandQueue first = device.open(soon());
            for (int refused : new int[] {Opcode.CREATE_IO_CQ, Opcode.CREATE_IO_SQ}) {
                device.reset();
                device.answers.put(refused, 0x06);
                assertThatExceptionOfType(NvmeException.class).isThrownBy(() -> device.open.renew(soon()));
                assertThat(device.queues.hasInterrupt(1)).isTrue();
                assertThat(device.queues.open()).isEqualTo(1);
            }
            device.reset();
            device.open.renew(soon());
            CommandQueue second = device.open(soon());
            assertThat(second.pair().id()).isEqualTo(2);
            assertThat(device.open.close(first, soon())).isTrue();
            assertThat(device.open.close(second, soon())).isTrue();
            bothSidesHaveNothing(device);
        }
    }

    @Test
    void L5_aResetThatBeginsWhileAQueueIsOpenedCostsNoIdentifier() throws Exception {
        for (int opcode : new int[] {Opcode.CREATE_IO_CQ, Opcode.CREATE_IO_SQ}) {
            try (ScriptedAdmin device = new ScriptedAdmin(1, 20_000)) {
                device.meanwhile.put(opcode, () -> resetElsewhere(device));
                CommandQueue queue = device.open(soon());
                assertThat(queue.pair().id()).isEqualTo(1);
                assertThat(device.submissions).containsExactly(1);
                assertThat(device.completions).containsExactly(1);
                assertThat(device.open.close(queue, soon())).isTrue();
                bothSidesHaveNothing(device);
            }
        }
    }

    @Test
    void L5_aResetWhileAQueueIsClosedCostsNeitherIdentifierNorMemory() throws Exception {
        for (int opcode : new int[] {Opcode.DELETE_IO_SQ, Opcode.DELETE_IO_CQ}) {
            try (ScriptedAdmin device = new ScriptedAdmin(1, 20_000)) {
                CommandQueue queue = device.open(soon());
                device.meanwhile.put(opcode, () -> resetElsewhere(device));
                assertThat(device.open.close(queue, soon())).isTrue();
                device.awaitEnd(soon());
                bothSidesHaveNothing(device);
            }
        }
    }

    @Test
    void L5_anInterruptWhileAQueueIsOpenedOrClosedLeavesNothingHalfDone() throws Exception {
        try (ScriptedAdmin device = new ScriptedAdmin(1, 20_000)) {
            for (int opcode : new int[] {
                Opcode.CREATE_IO_CQ, Opcode.CREATE_IO_SQ, Opcode.DELETE_IO_SQ, Opcode.DELETE_IO_CQ
            }) {
                device.meanwhile.put(opcode, Thread.currentThread()::interrupt);
                CommandQueue queue = device.open(soon());
                assertThat(device.open.close(queue, soon())).isTrue();
                assertThat(Thread.interrupted()).isTrue();
                bothSidesHaveNothing(device);
            }
        }
    }

    @Test
    void aResetBetweenTheLastRequestAndTheDeletionCostsNoMemory() throws Exception {
        try (ScriptedAdmin device = new ScriptedAdmin(1, 20_000)) {
            CommandQueue queue = device.open(soon());
            device.whenAwaited = () -> {
                device.begun.incrementAndGet();
                device.reset();
                renew(device);
            };
            assertThat(device.open.close(queue, soon())).isTrue();
            bothSidesHaveNothing(device);
        }
    }

    @Test
    void L5_whatCouldNotBeDeletedIsFreeAfterTheResetThatFollows() throws Exception {
        for (int opcode : new int[] {Opcode.DELETE_IO_SQ, Opcode.DELETE_IO_CQ}) {
            try (ScriptedAdmin device = new ScriptedAdmin(1, 100)) {
                CommandQueue queue = device.open(soon());
                device.answers.put(opcode, ScriptedAdmin.NOTHING);
                assertThat(device.open.close(queue, soon())).isFalse();
                assertThat(device.context.failures()).hasSize(1); // there is no recovery here that it would be told to
                assertThat(device.queues.open()).isEqualTo(1);
                device.reset();
                device.open.renew(soon());
                assertThat(device.queues.open()).isZero();
                assertThat(device.submissions).isEmpty();
                assertThat(device.open(soon()).pair().id()).isEqualTo(1);
            }
        }
    }

    @Test
    void L5_aQueueThatCouldNotBeCreatedInTimeIsFreeAfterAReset() throws Exception {
        try (ScriptedAdmin device = new ScriptedAdmin(1, 20_000)) {
            device.answers.put(Opcode.CREATE_IO_SQ, ScriptedAdmin.NOTHING);
            assertThatExceptionOfType(org.busbar.device.DeviceTimeoutException.class)
                    .isThrownBy(() -> device.open(Deadline.afterMillis(50)));
            device.reset();
            device.open.renew(soon());
            bothSidesHaveNothing(device);
        }
    }

    /** A reset by a thread of its own, as in life; who waits for its end does so. */
    private static void resetElsewhere(ScriptedAdmin device) {
        device.begun.incrementAndGet();
        CompletableFuture<Void> over = CompletableFuture.runAsync(() -> {
            device.reset();
            renew(device);
        });
        device.whenAwaited = () -> over.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static void renew(ScriptedAdmin device) {
        try {
            device.open.renew(soon());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void bothSidesHaveNothing(ScriptedAdmin device) {
        assertThat(device.submissions).isEmpty();
        assertThat(device.completions).isEmpty();
        assertThat(device.queues.open()).isZero();
        assertThat(device.allocated()).isZero();
    }
}
