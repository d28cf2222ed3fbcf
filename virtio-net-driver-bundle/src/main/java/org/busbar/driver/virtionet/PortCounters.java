package org.busbar.driver.virtionet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.LongAdder;
import org.busbar.net.PortStatistics;

/** What has been counted of a port. The device counts nothing, so this is what the driver has seen. The port's lock guards it. */
final class PortCounters {

    private final List<QueuePair> pairs;
    private final LongAdder interrupts = new LongAdder();

    PortCounters(List<QueuePair> pairs) {
        this.pairs = pairs;
    }

    /** An interrupt has come. Any thread. */
    void interrupt() {
        interrupts.increment();
    }

    /** What found no buffer the device does not tell. */
    PortStatistics all() {
        PortStatistics sum = new PortStatistics(0, 0, 0, 0, 0, 0);
        for (QueuePair pair : pairs) {
            PortStatistics part = pair.statistics();
            sum = new PortStatistics(
                    sum.receivedFrames() + part.receivedFrames(),
                    sum.receivedBytes() + part.receivedBytes(),
                    sum.sentFrames() + part.sentFrames(),
                    sum.sentBytes() + part.sentBytes(),
                    sum.receiveErrors() + part.receiveErrors(),
                    0);
        }
        return sum;
    }

    SequencedMap<String, Long> byName() {
        SequencedMap<String, Long> all = new LinkedHashMap<>();
        all.put("interrupts", interrupts.sum());
        all.put("receive_notifications", pairs.stream().mapToLong(QueuePair::receiveNotifications).sum());
        all.put("transmit_notifications", pairs.stream().mapToLong(QueuePair::transmitNotifications).sum());
        all.put("checksums_filled_in_by_driver", pairs.stream().mapToLong(QueuePair::completed).sum());
        all.put("dropped_by_driver", pairs.stream().mapToLong(QueuePair::errors).sum());
        return all;
    }
}
