package org.busbar.driver.nic;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.busbar.net.ReceiveSpread;
import org.busbar.net.ReceiveSpread.Field;

/**
 * How frames are spread over two queues: as chosen while both run; all to the one that runs otherwise. Frames without anything
 * to hash go to queue 0 in any case. The owner's lock guards it.
 */
final class Spread {

    /** The key that the definition of the hash is published with, so that results can be compared. */
    private static final int[] KEY = {
        0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca,
        0x2b, 0xcb,
        0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac,
        0x01, 0xfa
    };

    private final SpreadRegisters registers;
    private final int queues;
    private ReceiveSpread chosen;

    Spread(SpreadRegisters registers, int queues) {
        this.registers = registers;
        this.queues = queues;
        chosen = new ReceiveSpread(
                IntStream.of(KEY).boxed().toList(),
                IntStream.range(0, SpreadRegisters.TABLE).mapToObj(i -> i % queues).toList(),
                SpreadRegisters.FIELDS.keySet());
    }

    ReceiveSpread chosen() {
        return chosen;
    }

    void choose(ReceiveSpread spread) {
        if (spread.key().size() != SpreadRegisters.KEY || spread.table().size() != SpreadRegisters.TABLE) {
            throw new IllegalArgumentException(
                    "the key has %d octets and the table %d entries, not %d and %d".formatted(
                            SpreadRegisters.KEY, SpreadRegisters.TABLE, spread.key().size(), spread.table().size()));
        }
        if (spread.table().stream().anyMatch(queue -> queue >= queues)) {
            throw new IllegalArgumentException("there are only " + queues + " queues, from 0");
        }
        Set<Field> possible = SpreadRegisters.FIELDS.keySet();
        if (!possible.containsAll(spread.fields())) {
            throw new IllegalArgumentException("this controller hashes " + possible + " only, not " + spread.fields());
        }
        chosen = spread;
    }

    /** Writes what holds while these queues run. */
    void apply(Set<Integer> running) {
        if (queues == 1) {
            return;
        }
        if (running.equals(Set.of(0)) || running.isEmpty()) {
            registers.off();
            return;
        }
        List<Integer> table = chosen.table();
        if (running.size() < queues) {
            int only = running.iterator().next();
            table = table.stream().map(queue -> only).toList();
        }
        registers.on(chosen.key(), table, chosen.fields());
    }
}
