package org.busbar.driver.nic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.busbar.pci.Bar;

/**
 * What the controller counts (10.2.7; SDM 13.7). Its counters are cleared by reading and have 32 bits, which a gigabit of
 * small frames fills in three quarters of an hour; here they are added up, by this owner alone, in 64 bits. Thread-safe.
 */
final class HardwareCounters {

    /** A counter; one of two registers is read low half first, and cleared by reading the high half. */
    private record Counter(String name, long offset, boolean wide) {}

    /** Frames that found no room in the packet buffer. */
    static final String MISSED = "missed_packets_count";

    /** Frames that arrived damaged. */
    static final List<String> DAMAGE = List.of("crc_error_count", "rx_error_count", "receive_length_error_count");

    private static final List<Counter> COMMON = List.of(
            counter("crc_error_count", 0x4000),
            counter("alignment_error_count", 0x4004),
            counter("rx_error_count", 0x400c),
            counter(MISSED, 0x4010),
            counter("single_collision_count", 0x4014),
            counter("excessive_collisions_count", 0x4018),
            counter("multiple_collision_count", 0x401c),
            counter("late_collisions_count", 0x4020),
            counter("collision_count", 0x4028),
            counter("defer_count", 0x4030),
            counter("transmit_with_no_crs", 0x4034),
            counter("carrier_extension_error_count", 0x403c),
            counter("receive_length_error_count", 0x4040),
            counter("xon_received_count", 0x4048),
            counter("xon_transmitted_count", 0x404c),
            counter("xoff_received_count", 0x4050),
            counter("xoff_transmitted_count", 0x4054),
            counter("fc_received_unsupported_count", 0x4058),
            counter("packets_received_64_bytes", 0x405c),
            counter("packets_received_65_127_bytes", 0x4060),
            counter("packets_received_128_255_bytes", 0x4064),
            counter("packets_received_256_511_bytes", 0x4068),
            counter("packets_received_512_1023_bytes", 0x406c),
            counter("packets_received_1024_to_max_bytes", 0x4070),
            counter("good_packets_received_count", 0x4074),
            counter("broadcast_packets_received_count", 0x4078),
            counter("multicast_packets_received_count", 0x407c),
            counter("good_packets_transmitted_count", 0x4080),
            wide("good_octets_received_count", 0x4088),
            wide("good_octets_transmitted_count", 0x4090),
            counter("receive_no_buffers_count", 0x40a0),
            counter("receive_undersize_count", 0x40a4),
            counter("receive_fragment_count", 0x40a8),
            counter("receive_oversize_count", 0x40ac),
            counter("receive_jabber_count", 0x40b0),
            counter("management_packets_received_count", 0x40b4),
            counter("management_packets_dropped_count", 0x40b8),
            counter("management_packets_transmitted_count", 0x40bc),
            wide("total_octets_received", 0x40c0),
            wide("total_octets_transmitted", 0x40c8),
            counter("total_packets_received", 0x40d0),
            counter("total_packets_transmitted", 0x40d4),
            counter("packets_transmitted_64_bytes", 0x40d8),
            counter("packets_transmitted_65_127_bytes", 0x40dc),
            counter("packets_transmitted_128_255_bytes", 0x40e0),
            counter("packets_transmitted_256_511_bytes", 0x40e4),
            counter("packets_transmitted_512_1023_bytes", 0x40e8),
            counter("packets_transmitted_1024_bytes_or_greater", 0x40ec),
            counter("multicast_packets_transmitted_count", 0x40f0),
            counter("broadcast_packets_transmitted_count", 0x40f4),
            counter("tcp_segmentation_context_transmitted_count", 0x40f8),
            counter("tcp_segmentation_context_tx_fail_count", 0x40fc));

    /** 8254x: symbol errors and sequence errors; those of the 82574 are for links that it does not have. */
    private static final List<Counter> CONVENTIONAL =
            List.of(counter("symbol_error_count", 0x4008), counter("sequence_error_count", 0x4038));

    private static final List<Counter> EXPRESS = List.of(counter("interrupt_assertion_count", 0x4100));

    private final Bar bar;
    private final ControlRegisters control;
    private final List<Counter> counters;
    private final SequencedMap<String, Long> totals = new LinkedHashMap<>(); // guarded by this
    /** By counters that are not cleared by reading: what they said last. Guarded by this. */
    private final SequencedMap<String, Long> kept = new LinkedHashMap<>();

    HardwareCounters(Bar bar, ControlRegisters control, Family family) {
        this.bar = bar;
        this.control = control;
        List<Counter> own = family.express() ? EXPRESS : CONVENTIONAL;
        counters = Stream.concat(COMMON.stream(), own.stream()).toList();
        counters.forEach(counter -> totals.put(counter.name, 0L));
    }

    private static Counter counter(String name, long offset) {
        return new Counter(name, offset, false);
    }

    private static Counter wide(String name, long offset) {
        return new Counter(name, offset, true);
    }

    /** Forgets what was counted before the binding. */
    synchronized void start() {
        collect();
        totals.replaceAll((name, total) -> 0L);
    }

    /** Adds up what the controller has counted since the last call. A controller that has gone adds nothing. */
    synchronized void collect() {
        if (control.looksGone()) {
            return;
        }
        for (Counter counter : counters) {
            totals.merge(counter.name, take(counter), Long::sum);
        }
    }

    /** Returns all totals. */
    synchronized SequencedMap<String, Long> read() {
        collect();
        return new LinkedHashMap<>(totals);
    }

    /**
     * Reads a counter. The manuals have all of them cleared by that, but some virtual machines keep a few: one that says twice
     * the same, in less time than so many frames take, is taken for one of those.
     */
    private long take(Counter counter) {
        long first = value(counter);
        if (first == 0) {
            kept.remove(counter.name);
            return 0;
        }
        long second = value(counter);
        if (second != first) {
            kept.remove(counter.name);
            return first + second;
        }
        Long before = kept.put(counter.name, first);
        return before == null || before > first ? first : first - before;
    }

    private long value(Counter counter) {
        long low = bar.read32(counter.offset) & 0xffff_ffffL;
        return counter.wide ? (long) bar.read32(counter.offset + 4) << 32 | low : low;
    }
}
