package org.busbar.driver.nic;

import java.util.Set;
import org.busbar.driver.support.SpreadChoice;
import org.busbar.net.ReceiveSpread;

/**
 * How frames are spread over two queues: as chosen while both run; all to the one that runs otherwise. Frames without anything
 * to hash go to queue 0 in any case. The owner's lock guards it.
 */
final class Spread {

    private final SpreadRegisters registers;
    private final int queues;
    private final SpreadChoice choice;

    Spread(SpreadRegisters registers, int queues) {
        this.registers = registers;
        this.queues = queues;
        choice = new SpreadChoice(queues, SpreadRegisters.TABLE, SpreadRegisters.FIELDS.keySet());
    }

    ReceiveSpread chosen() {
        return choice.chosen();
    }

    void choose(ReceiveSpread spread) {
        choice.choose(spread);
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
        ReceiveSpread chosen = choice.chosen();
        registers.on(chosen.key(), choice.table(running.stream().sorted().toList()), chosen.fields());
    }
}
