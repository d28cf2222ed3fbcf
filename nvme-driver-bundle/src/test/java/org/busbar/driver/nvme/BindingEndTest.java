package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.RemovalReason;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;

/** Memory that applications bring, and how they learn that a binding is over. */
class BindingEndTest {

    private final AtomicInteger over = new AtomicInteger();
    private final AtomicInteger unreachable = new AtomicInteger();
    private final MemorySegment memory = Arena.ofAuto().allocate(64 << 10, 64 << 10);

    private void writeAndReadBack(BlockQueue queue) throws Exception {
        memory.set(ValueLayout.JAVA_LONG, 0, 4711);
        assertThat(queue.write(1, 1, memory, 0, 1)).isTrue();
        await(queue);
        assertThat(queue.read(1, 1, memory, 4096, 2)).isTrue();
        await(queue);
        assertThat(memory.get(ValueLayout.JAVA_LONG, 4096)).isEqualTo(4711);
    }

    private static void await(BlockQueue queue) throws Exception {
        queue.submit();
        Deadline deadline = Deadline.afterMillis(30_000);
        int[] ended = new int[1];
        while (ended[0] == 0) {
            queue.await(deadline);
            queue.poll((tag, status) -> {
                assertThat(status).isEqualTo(BlockStatus.OK);
                ended[0]++;
            }, 1);
        }
    }

    @Test
    void L6_memoryOfOthersIsReachedUntilTheQueueIsClosed() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockQueue queue = Ssd.queue(slot, 4);
            queue.map(memory, unreachable::incrementAndGet);
            writeAndReadBack(queue);
            assertThat(unreachable).hasValue(0);
            queue.close();
            assertThat(unreachable).hasValue(1);
            slot.remove(RemovalReason.DETACH);
            assertThat(unreachable).hasValue(1);
            assertThat(slot.iommuFaults()).isEmpty();
        }
    }

    @Test
    void L6_bindingIsOverWhenItsMemoryIsOutOfReachAndNotBefore() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            BlockQueue queue = Ssd.queue(slot, 4);
            queue.map(memory, unreachable::incrementAndGet);
            assertThat(device.whenOver(over::incrementAndGet)).isTrue();
            assertThat(device.whenOver(over::incrementAndGet)).isTrue();
            writeAndReadBack(queue);
            assertThat(over).hasValue(0);
            slot.remove(RemovalReason.DETACH);
            assertThat(over).hasValue(2);
            assertThat(unreachable).hasValue(1);
            assertThat(device.whenOver(over::incrementAndGet)).as("afterwards, at once").isTrue();
            assertThat(over).hasValue(3);
            queue.close();
        }
    }

    /** The controller runs on, without queues and without this memory. */
    @Test
    void L6_bindingIsOverWhenItsControllerIsHandedOver() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            BlockQueue queue = Ssd.queue(slot, 4);
            queue.map(memory, unreachable::incrementAndGet);
            assertThat(device.whenOver(over::incrementAndGet)).isTrue();
            writeAndReadBack(queue);
            slot.handOver(UnaryOperator.identity());
            assertThat(over).hasValue(1);
            assertThat(unreachable).hasValue(1);
            slot.adopt(Ssd.driver(30_000));
            BlockQueue next = Ssd.queue(slot, 4);
            next.map(memory, unreachable::incrementAndGet);
            assertThat(Ssd.device(slot).whenOver(over::incrementAndGet)).isTrue();
            writeAndReadBack(next);
            queue.close();
            assertThat(over).as("of the first binding").hasValue(1);
            assertThat(unreachable).hasValue(1);
            slot.remove(RemovalReason.DETACH);
            assertThat(over).hasValue(2);
            assertThat(unreachable).hasValue(2);
            assertThat(slot.iommuFaults()).isEmpty();
            next.close();
        }
    }

    /** Requests fail at once; that nothing can come of them any more is known later. */
    @Test
    void L8_surpriseFailsRequestsBeforeTheBindingIsOver() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            assertThat(device.whenOver(over::incrementAndGet)).isTrue();
            BlockQueue queue = Ssd.queue(slot, 4);
            slot.pull();
            slot.context().revoke();
            assertThatThrownBy(() -> queue.flush(0)).isInstanceOf(DeviceGoneException.class);
            assertThat(over).hasValue(0);
            slot.removeSurprised();
            assertThat(over).hasValue(1);
            queue.close();
        }
    }

    @Test
    void whoAsksTooLateIsTold() throws Exception {
        try (TestSlot slot = Ssd.bound()) {
            BlockDevice device = Ssd.device(slot);
            slot.pull();
            slot.context().revoke();
            assertThatThrownBy(() -> device.whenOver(over::incrementAndGet)).isInstanceOf(DeviceGoneException.class);
            slot.removeSurprised();
            assertThat(over).hasValue(0);
        }
    }
}
