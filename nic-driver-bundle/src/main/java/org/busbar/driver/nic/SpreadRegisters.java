package org.busbar.driver.nic;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.busbar.net.ReceiveSpread.Field;
import org.busbar.pci.Bar;

/** Receive side scaling of the 82574 (7.1.9 to 7.1.11, 10.2.5.23 to 10.2.5.27). To be written while nothing is received. */
final class SpreadRegisters {

    static final int TABLE = 128;
    static final int KEY = 40;

    /** What can be hashed, and its bit of MRQC: of UDP only the addresses, as of any IP. */
    static final Map<Field, Integer> FIELDS =
            Map.of(Field.TCP_IPV4, 1 << 16, Field.IPV4, 1 << 17, Field.TCP_IPV6, 1 << 18, Field.IPV6, 1 << 20);

    private static final long MRQC = 0x5818;
    private static final long RETA = 0x5c00;
    private static final long RSSRK = 0x5c80;

    private static final int ENABLE = 1;
    /** The queue is the highest bit of an entry. */
    private static final int QUEUE_SHIFT = 7;

    private final Bar bar;

    SpreadRegisters(Bar bar) {
        this.bar = bar;
    }

    /** Everything goes to queue 0. */
    void off() {
        bar.write32(MRQC, 0);
    }

    void on(List<Integer> key, List<Integer> table, Set<Field> fields) {
        for (int i = 0; i < KEY; i += 4) {
            bar.write32(RSSRK + i, four(key, i, 0));
        }
        for (int i = 0; i < TABLE; i += 4) {
            bar.write32(RETA + i, four(table, i, QUEUE_SHIFT));
        }
        int hashed = 0;
        for (Field field : fields) {
            hashed |= FIELDS.getOrDefault(field, 0);
        }
        bar.write32(MRQC, ENABLE | hashed);
    }

    /** Four entries in a register, the first one lowest. */
    private static int four(List<Integer> entries, int first, int shift) {
        int value = 0;
        for (int i = 3; i >= 0; i--) {
            value = value << 8 | entries.get(first + i) << shift;
        }
        return value;
    }
}
