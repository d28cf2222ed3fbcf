package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;

/** Counts how often each tag has completed, and how. */
final class Tally implements BlockQueue.Completion {

    final Map<Long, Integer> timesByTag = new HashMap<>();
    final Map<Long, Integer> statusByTag = new HashMap<>();
    final Map<BlockStatus, Integer> byStatus = new EnumMap<>(BlockStatus.class);

    @Override
    public void completed(long tag, BlockStatus status) {
        timesByTag.merge(tag, 1, Integer::sum);
        byStatus.merge(status, 1, Integer::sum);
    }

    @Override
    public void completed(long tag, BlockStatus status, int deviceStatus) {
        statusByTag.put(tag, deviceStatus);
        completed(tag, status);
    }

    int count(BlockStatus status) {
        return byStatus.getOrDefault(status, 0);
    }

    /** Polls until nothing is in flight. */
    Tally drain(BlockQueue queue) throws Exception {
        Deadline deadline = Deadline.afterMillis(20_000);
        while (queue.inFlight() > 0) {
            queue.await(deadline);
            queue.poll(this, 64);
        }
        return this;
    }

    void eachExactlyOnce(long requests) {
        assertThat(timesByTag).hasSize((int) requests).allSatisfy((tag, times) -> assertThat(times).isEqualTo(1));
    }
}
