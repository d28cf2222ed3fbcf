package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeEvent;
import org.busbar.nvme.NvmeEventListener;
import org.busbar.nvme.NvmePassthrough;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Raw commands, and listeners. */
class PassthroughTest {

    private static Deadline soon() {
        return Deadline.afterMillis(20_000);
    }

    @Test
    void rawCommandsAreClosedUnlessTheConfigurationOpensThem() throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.probe(Ssd.driver(30_000, false));
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> Ssd.controller(slot).passthrough())
                    .withMessageContaining("passthrough=true")
                    .withMessageContaining("org.busbar.driver.nvme");
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void rawAdminAndIoCommandsMoveTheirDataAlsoAfterAReset() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeController controller = Ssd.controller(slot);
            NvmePassthrough raw = controller.passthrough();
            for (int round = 1; round <= 3; round++) {
                ByteBuffer page = ByteBuffer.allocate(4096);
                NvmeCompletion identify = raw.admin(NvmeCommand.of(0x06, 0).with(1, 0, 0, 0, 0, 0), page, soon());
                assertThat(identify.status().isSuccess()).isTrue();
                assertThat(new String(page.array(), 4, 5, java.nio.charset.StandardCharsets.US_ASCII))
                        .isEqualTo("TEST1");
                byte[] data = new byte[64 * 512]; // a PRP list
                new java.util.Random(round).nextBytes(data);
                NvmeCommand write = NvmeCommand.of(0x01, 1).with(8, 0, 63, 0, 0, 0);
                assertThat(raw.io(write, ByteBuffer.wrap(data), soon()).status().isSuccess()).isTrue();
                ByteBuffer back = ByteBuffer.allocateDirect(data.length);
                NvmeCommand read = NvmeCommand.of(0x02, 1).with(8, 0, 63, 0, 0, 0);
                assertThat(raw.io(read, back, soon()).status().isSuccess()).isTrue();
                assertThat(back.hasRemaining()).isFalse();
                assertThat(back.flip()).isEqualTo(ByteBuffer.wrap(data));
                ByteBuffer blocking = ByteBuffer.allocate(data.length);
                Ssd.device(slot).read(8, blocking, soon());
                assertThat(blocking.array()).isEqualTo(data);
                controller.reset(soon());
            }
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void anErrorIsACompletionLikeAnyOther() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmeCompletion none = Ssd.controller(slot).passthrough().admin(NvmeCommand.of(0xff, 0), null, soon());
            assertThat(none.status().typeAndCode()).isEqualTo(1);
            assertThat(none.status().text()).contains("does not know");
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x01, 0x04, 0x05, 0x08, 0x0c, 0x7c})
    void whatWouldTakeTheDriversQueuesFromItIsRefused(int opcode) throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Ssd.controller(slot).passthrough().admin(NvmeCommand.of(opcode, 0), null, soon()))
                    .withMessageContaining("driver's own");
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void badBuffersAreRefusedBeforeTheControllerSeesThem() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            NvmePassthrough raw = Ssd.controller(slot).passthrough();
            NvmeCommand identify = NvmeCommand.of(0x06, 0).with(1, 0, 0, 0, 0, 0);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> raw.admin(identify, ByteBuffer.allocate(4096).asReadOnlyBuffer(), soon()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> raw.admin(identify, ByteBuffer.allocate(4095), soon()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> raw.admin(identify, ByteBuffer.allocate(NvmePassthrough.MAX_DATA + 4), soon()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> raw.io(NvmeCommand.of(0x00, 1), ByteBuffer.allocate(4), soon()));
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    @Test
    void L5_aListenerThatThrowsKeepsNobodyElseFromHearing() throws Exception {
        CountDownLatch heard = new CountDownLatch(3);
        List<NvmeEventListener> listeners = List.of(
                event -> {
                    throw new IllegalStateException("a listener of somebody else's");
                },
                event -> heard.countDown());
        EventLog log = new EventLog("test", () -> listeners);
        log.start(Thread::startVirtualThread);
        for (int i = 0; i < 3; i++) {
            log.add(NvmeEvent.Kind.OTHER, 0, "event " + i);
        }
        assertThat(heard.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(log.latest()).extracting(NvmeEvent::text).containsExactly("event 0", "event 1", "event 2");
    }

    @Test
    void onlyTheLatestEventsAreKept() {
        EventLog log = new EventLog("test", List::of);
        for (int i = 0; i < 300; i++) {
            log.add(NvmeEvent.Kind.OTHER, 0, "event " + i);
        }
        assertThat(log.latest()).hasSize(256).last().satisfies(e -> assertThat(e.text()).isEqualTo("event 299"));
    }
}
