package org.busbar.port.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.LongBinaryOperator;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.PortStatistics;

/** All counters of a port at about one moment. */
record Sample(PortStatistics all, List<PortStatistics> queues, SequencedMap<String, Long> named) {

    private static final PortStatistics ZERO = new PortStatistics(0, 0, 0, 0, 0, 0);

    static final Sample NOTHING = new Sample(ZERO, List.of(), new LinkedHashMap<>());

    /** Asks a driver's port. */
    static Sample of(NetworkPort port) {
        List<PortStatistics> queues = new ArrayList<>();
        if (port.features().contains(PortFeature.QUEUE_STATISTICS)) {
            for (int i = 0; i < port.queues(); i++) {
                queues.add(port.statistics(i));
            }
        }
        return new Sample(port.statistics(), List.copyOf(queues), port.counters());
    }

    PortStatistics queue(int index) {
        return index < queues.size() ? queues.get(index) : ZERO;
    }

    /** Adds what other cards have counted. */
    Sample plus(Sample other) {
        return combine(other, Long::sum);
    }

    /** Returns the later of two of the same driver, whose counters never fall, even if one was torn. */
    Sample orLater(Sample other) {
        return combine(other, Math::max);
    }

    private Sample combine(Sample other, LongBinaryOperator by) {
        List<PortStatistics> both = new ArrayList<>();
        for (int i = 0; i < Math.max(queues.size(), other.queues.size()); i++) {
            both.add(combine(queue(i), other.queue(i), by));
        }
        SequencedMap<String, Long> names = new LinkedHashMap<>(named);
        other.named.forEach((name, value) -> names.merge(name, value, by::applyAsLong));
        return new Sample(
                combine(all, other.all, by), List.copyOf(both), Collections.unmodifiableSequencedMap(names));
    }

    private static PortStatistics combine(PortStatistics a, PortStatistics b, LongBinaryOperator by) {
        return new PortStatistics(
                by.applyAsLong(a.receivedFrames(), b.receivedFrames()),
                by.applyAsLong(a.receivedBytes(), b.receivedBytes()),
                by.applyAsLong(a.sentFrames(), b.sentFrames()),
                by.applyAsLong(a.sentBytes(), b.sentBytes()),
                by.applyAsLong(a.receiveErrors(), b.receiveErrors()),
                by.applyAsLong(a.receiveDropped(), b.receiveDropped()));
    }
}
