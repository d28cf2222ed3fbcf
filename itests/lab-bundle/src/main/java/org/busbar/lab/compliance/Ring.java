package org.busbar.lab.compliance;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.busbar.pci.Bar;
import org.busbar.pci.DmaBuffer;

/** One half of a queue pair: a submission queue (section 4.1.1) or a completion queue (section 4.1.2). For one thread. */
final class Ring {

    /** Bytes of a completion queue entry. */
    static final int COMPLETION_BYTES = 16;

    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private final Bar bar;
    private final long doorbell;
    private final DmaBuffer memory;
    private final int entries;
    private int at;
    private int phase = 1;

    Ring(Bar bar, long doorbell, DmaBuffer memory, int entries) {
        this.bar = bar;
        this.doorbell = doorbell;
        this.memory = memory;
        this.entries = entries;
    }

    long address() {
        return memory.address();
    }

    int entries() {
        return entries;
    }

    /** Puts a command into the next entry and tells the controller of it. */
    void submit(Command command, int cid) {
        command.write(memory.memory(), (long) at * Command.BYTES, cid);
        at = (at + 1) % entries;
        bar.write32(doorbell, at);
    }

    /** Takes the next completion, if there is one, and gives its entry back. */
    Optional<Completion> next() {
        long entry = (long) at * COMPLETION_BYTES;
        int last = (int) WORD.getAcquire(memory.memory(), entry + 12);
        if ((last >>> 16 & 1) != phase) {
            return Optional.empty();
        }
        int queue = memory.memory().get(ValueLayout.JAVA_INT, entry + 8) >>> 16;
        int result = memory.memory().get(ValueLayout.JAVA_INT, entry);
        at++;
        if (at == entries) {
            at = 0;
            phase ^= 1;
        }
        bar.write32(doorbell, at);
        return Optional.of(new Completion(last & 0xffff, queue, last >>> 17 & 0x7ff, result));
    }

    /** Writes any value to the doorbell. */
    void ring(int value) {
        bar.write32(doorbell, value);
    }

    void close() {
        memory.close();
    }
}
