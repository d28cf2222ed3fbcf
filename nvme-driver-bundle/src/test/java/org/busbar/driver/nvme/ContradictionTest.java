package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.ProbeException;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NvmeFault;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.MsixLayout;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.nvme.ControllerStatus;
import org.busbar.nvme.NvmeController;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciIds;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/** Registers that cannot be true, and doorbell buffers that are announced and refused. */
class ContradictionTest {

    private static Deadline soon() {
        return Deadline.afterMillis(20_000);
    }

    @Test
    void L5_aControllerWithoutRoomForItsRegistersFailsItsProbe() throws Exception {
        try (TestSlot slot = new TestSlot(1, new Still(0x1000, 0x20_0000_03ffL))) {
            assertThatExceptionOfType(ProbeException.class)
                    .isThrownBy(() -> slot.probe(Ssd.driver(1_000)))
                    .withMessageContaining("BAR0 has 4096 bytes");
            slot.context().release();
        }
    }

    @Test
    void L5_aControllerWhoseQueuesHoldNothingFailsItsProbe() throws Exception {
        try (TestSlot slot = new TestSlot(1, new Still(0x4000, 0x20_0000_0000L))) {
            assertThatExceptionOfType(ProbeException.class)
                    .isThrownBy(() -> slot.probe(Ssd.driver(1_000)))
                    .withMessageContaining("state CHECK")
                    .withMessageContaining("CAP.MQES = 0");
            slot.context().release();
        }
    }

    @Test
    void L8_aCardThatDiesWhileItIsDisabledIsNotWaitedForUntilCapToIsOver() throws Exception {
        int halfSeconds = 120;
        NvmeModel model = new NvmeModel(new Card.Nvme(
                "TEST1",
                List.of(NvmeNamespace.of(64, 512)),
                new NvmeOptions(false, 1, 7, 16, 0, halfSeconds, Set.of())));
        try (TestSlot slot = new TestSlot(1, model)) {
            slot.probe(Ssd.driver(1_000));
            NvmeController controller = Ssd.controller(slot);
            slot.faults(new NvmeFault.SlowTransitions(Duration.ofSeconds(50)));
            CompletableFuture<Void> reset = CompletableFuture.runAsync(() -> reset(controller));
            Deadline deadline = soon();
            while ((model.read(0, 0x14, 4) & 1) != 0) { // CC.EN
                assertThat(deadline.expired()).as("timed out waiting for the controller to be disabled").isFalse();
                Thread.onSpinWait();
            }
            slot.cutOff();
            slot.context().await("the driver to notice", () -> slot.looks() > 0, soon());
            slot.context().revoke();
            slot.removeSurprised();
            assertThat(controller.status().state()).isEqualTo(ControllerStatus.State.GONE);
            reset.handle((nothing, e) -> e != null).get(20, TimeUnit.SECONDS);
        }
    }

    private static void reset(NvmeController controller) {
        try {
            controller.reset(Deadline.afterMillis(60_000));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void L5_doorbellBuffersThatAreRefusedLeaveRegisters() throws Exception {
        try (ScriptedAdmin device = new ScriptedAdmin(1, 1_000)) {
            IoSupport offers = new IoSupport(1 << 8, 0, 0, 0, 0);
            device.answers.put(Opcode.DOORBELL_BUFFER_CONFIG, 0x02);
            device.queues.shareDoorbells(offers, soon());
            assertThat(device.registersRung()).isEqualTo(2);
            device.queues.shareDoorbells(offers, soon());
            assertThat(device.registersRung()).as("from 0 to 1, but not on to 2").isEqualTo(1);
            device.queues.shareDoorbells(new IoSupport(0, 0, 0, 0, 0), soon());
            assertThat(device.registersRung()).as("after a reset it offers them no more").isEqualTo(2);
        }
    }

    @Test
    void L5_doorbellBuffersOfWhichNobodyKnowsWhetherTheyAreUsedStayTheControllers() throws Exception {
        try (ScriptedAdmin device = new ScriptedAdmin(1, 1_000)) {
            IoSupport offers = new IoSupport(1 << 8, 0, 0, 0, 0);
            device.answers.put(Opcode.DOORBELL_BUFFER_CONFIG, ScriptedAdmin.NOTHING);
            assertThatExceptionOfType(org.busbar.device.DeviceTimeoutException.class)
                    .isThrownBy(() -> device.queues.shareDoorbells(offers, Deadline.afterMillis(50)));
            device.reset(); // which ends the command
            assertThat(device.allocated()).isEqualTo(1);
            device.queues.shareDoorbells(offers, soon());
            assertThat(device.allocated()).isEqualTo(1);
        }
    }

    /** A controller of which there is nothing but CAP. */
    private static final class Still extends DeviceModel {

        private final long cap;

        Still(int barSize, long cap) {
            super(new ConfigImage(new PciIds(0x1b36, 0x0010, 0x1af4, 0x1100, 0x010802), 2)
                    .bar(new BarInfo(0, barSize, BarInfo.Kind.MEMORY64, false))
                    .bar(new BarInfo(2, 0x1000, BarInfo.Kind.MEMORY64, false))
                    .msix(0x40, new MsixLayout(2, 2, 0, 0x800))
                    .powerManagement(0x60)
                    .express(0x80));
            this.cap = cap;
        }

        @Override
        public long read(int bar, long offset, int width) {
            return offset == 0 ? cap : 0;
        }

        @Override
        public void write(int bar, long offset, int width, long value) {}

        @Override
        protected long work() {
            return IDLE;
        }

        @Override
        protected void reset() {}

        @Override
        protected void unplugged() {}

        @Override
        public boolean supports(Fault fault) {
            return false;
        }

        @Override
        protected void faults(List<Fault> faults) {}
    }
}
