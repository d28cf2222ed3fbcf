package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NvmeFault;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeEvent;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/** More late commands than the controller aborts at a time (ACL). */
class AbortsTest {

    private static final int LOST = 12; // the emulator's controllers abort four at a time

    @Test
    void L5_moreLateRequestsThanAbortsAreTakenAreAbortedOneAfterTheOtherWithoutAReset() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            slot.faults(IntStream.rangeClosed(1, LOST)
                    .mapToObj(number -> new NvmeFault.NeverCompleted(NvmeFault.Queues.IO, number))
                    .toArray(Fault[]::new));
            QueueOptions options = QueueOptions.depth(LOST + 4).withTimeout(Duration.ofSeconds(1));
            try (BlockQueue queue = Ssd.device(slot).openQueue(options)) {
                for (int tag = 0; tag < LOST + 4; tag++) {
                    assertThat(queue.read(tag, 1, queue.allocate(512), 0, tag)).isTrue();
                }
                queue.submit();
                Tally tally = new Tally().drain(queue);
                tally.eachExactlyOnce(LOST + 4);
                assertThat(tally.count(BlockStatus.TIMED_OUT)).isEqualTo(LOST);
                assertThat(tally.count(BlockStatus.OK)).isEqualTo(4);
            }
            assertThat(controller.status().aborts()).isEqualTo(LOST);
            assertThat(controller.status().resets()).isZero();
            assertThat(controller.recentEvents()).extracting(NvmeEvent::kind)
                    .filteredOn(
                            kind -> kind == NvmeEvent.Kind.ABORT)
                    .hasSize(LOST);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void L5_moreOverdueAdminCommandsThanAbortsAreTakenAreAbortedOneAfterTheOther() throws Exception {
        try (ScriptedAdmin device = new ScriptedAdmin(1, 60_000)) {
            device.ways.put(Opcode.IDENTIFY, ScriptedAdmin.NOTHING);
            for (int i = 0; i < 3; i++) {
                device.admin.post("Identify", NvmeCommand.of(Opcode.IDENTIFY, 0), System.nanoTime(), answer -> {});
            }
            for (int look = 1; look <= 3; look++) {
                assertThat(device.admin.overdue()).isNull();
                assertThat(device.commands).containsEntry(Opcode.ABORT, look);
                device.admin.poll(); // which makes room for the next
            }
            assertThat(device.admin.overdue()).isNull();
            assertThat(device.commands).containsEntry(Opcode.ABORT, 3);
            assertThat(device.admin.aborts().sent()).isEqualTo(3);
        }
    }

    @Test
    void L5_anAbortThatIsNotAnsweredItselfEndsInAReset() throws Exception {
        try (ScriptedAdmin device = new ScriptedAdmin(1, 100)) {
            device.ways.put(Opcode.IDENTIFY, ScriptedAdmin.NOTHING);
            device.ways.put(Opcode.ABORT, ScriptedAdmin.NOTHING);
            for (int i = 0; i < 3; i++) {
                device.admin.post("Identify", NvmeCommand.of(Opcode.IDENTIFY, 0), System.nanoTime(), answer -> {});
            }
            Deadline deadline = Deadline.afterMillis(20_000);
            String why = device.admin.overdue();
            while (why == null && !deadline.expired()) {
                why = device.admin.overdue();
            }
            assertThat(why).contains("was not answered within 100 ms");
            assertThat(device.commands).containsEntry(Opcode.ABORT, 1);
        }
    }
}
