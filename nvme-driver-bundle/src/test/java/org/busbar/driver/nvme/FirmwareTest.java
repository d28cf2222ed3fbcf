package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.nvme.ControllerStatus;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeException;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/** Resets that activate firmware with other capabilities (CAP). */
class FirmwareTest {

    private static Deadline soon() {
        return Deadline.afterMillis(20_000);
    }

    private static long withQueuesOf(NvmeModel model, int entries) {
        return (model.read(0, 0, 8) & ~0xffffL) | (entries - 1);
    }

    @Test
    void L8_aControllerWithNewFirmwareIsNotTakenForOneThatIsGone() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            BlockQueue queue = Ssd.queue(slot, 100);
            model.firmware(withQueuesOf(model, 512));
            controller.reset(soon());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Ssd.queue(slot, 512))
                    .withMessageContaining("1 to 511 deep");
            Ssd.queue(slot, 511).close();
            model.ssd().fatal(); // which is not acted on by those who think that it is gone
            controller.logs().health(soon());
            assertThat(controller.status().resets()).isEqualTo(2);
            assertThat(controller.status().state()).isEqualTo(ControllerStatus.State.READY);
            queue.poll(new Tally(), 1); // takes the new rings
            assertThat(queue.read(0, 1, queue.allocate(512), 0, 1)).isTrue();
            queue.submit();
            assertThat(new Tally().drain(queue).count(BlockStatus.OK)).isEqualTo(1);
            Ssd.device(slot).read(0, ByteBuffer.allocate(512), soon());
            assertThat(slot.context().suspicions()).isZero();
            assertThat(slot.looks()).isZero();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void L5_firmwareThatCannotDoWhatOpenQueuesRelyOnFailsTheBindingAndSaysWhy() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            NvmeController controller = Ssd.controller(slot);
            BlockQueue queue = Ssd.queue(slot, 1_000);
            model.firmware(withQueuesOf(model, 256));
            fails(slot, controller, "grants 256 entries per queue (CAP.MQES) instead of 1001");
            queue.close();
        }
    }

    @Test
    void L5_firmwareThatMovesTheDoorbellsFailsTheBindingAndSaysWhy() throws Exception {
        NvmeModel model = Ssd.model(512);
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(30_000));
            model.firmware(model.read(0, 0, 8) | 1L << 32);
            fails(slot, Ssd.controller(slot), "doorbells are elsewhere (CAP.DSTRD)");
        }
    }

    private static void fails(TestSlot slot, NvmeController controller, String why) throws Exception {
        assertThatExceptionOfType(NvmeException.class)
                .isThrownBy(() -> controller.reset(soon()))
                .withMessageContaining(why);
        slot.context().await("the binding to fail", () -> !slot.context().failures().isEmpty(), soon());
        assertThat(slot.context().failures()).singleElement()
                .satisfies(failure -> assertThat(failure).hasMessageContaining(why));
        slot.context().revoke();
        slot.removeSurprised();
    }
}
