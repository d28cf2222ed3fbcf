package org.busbar.shell.net.internal.port;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.PortStatistics;
import org.busbar.shell.internal.text.Table;

/**
 * What a port has counted at a moment.
 *
 * @param nanos the moment
 * @param counters by name, in an order that suits readers
 */
record Sample(long nanos, SequencedMap<String, Long> counters) {

    /** A counter in its JSON form. */
    private record Value(long total, double perSecond) {}

    static Sample of(NetworkPort port, boolean extended) {
        SequencedMap<String, Long> counters = new LinkedHashMap<>();
        put("", port.statistics(), counters);
        if (extended) {
            if (port.features().contains(PortFeature.QUEUE_STATISTICS)) {
                for (int queue = 0; queue < port.queues(); queue++) {
                    put("queue " + queue + ' ', port.statistics(queue), counters);
                }
            }
            counters.putAll(port.counters());
        }
        return new Sample(System.nanoTime(), counters);
    }

    private static void put(String prefix, PortStatistics statistics, Map<String, Long> counters) {
        counters.put(prefix + "received frames", statistics.receivedFrames());
        counters.put(prefix + "received bytes", statistics.receivedBytes());
        counters.put(prefix + "sent frames", statistics.sentFrames());
        counters.put(prefix + "sent bytes", statistics.sentBytes());
        counters.put(prefix + "receive errors", statistics.receiveErrors());
        counters.put(prefix + "receive dropped", statistics.receiveDropped());
    }

    /** Returns the totals, and what they have grown by per second since another sample; the same one gives no rates. */
    String table(Sample before) {
        boolean rates = before.nanos != nanos;
        Table table = rates ? new Table("COUNTER", "TOTAL", "PER SECOND") : new Table("COUNTER", "TOTAL");
        counters.forEach((name, total) -> {
            String text = String.format(Locale.ROOT, "%,d", total);
            if (rates) {
                table.row(name, text, String.format(Locale.ROOT, "%,.0f", rate(name, total, before)));
            } else {
                table.row(name, text);
            }
        });
        return table.toString();
    }

    /** Returns the same for programs. */
    Map<String, ?> values(Sample before) {
        if (before.nanos == nanos) {
            return counters;
        }
        Map<String, Value> values = new LinkedHashMap<>();
        counters.forEach((name, total) -> values.put(name, new Value(total, rate(name, total, before))));
        return values;
    }

    private double rate(String name, long total, Sample before) {
        double seconds = (nanos - before.nanos) / 1e9;
        return seconds <= 0 ? 0 : (total - before.counters.getOrDefault(name, 0L)) / seconds;
    }
}
