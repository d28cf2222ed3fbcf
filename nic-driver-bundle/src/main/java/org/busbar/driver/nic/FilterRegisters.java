package org.busbar.driver.nic;

import java.util.BitSet;
import java.util.Collection;
import java.util.OptionalLong;
import org.busbar.net.MacAddress;
import org.busbar.pci.Bar;

/** Whose frames are received: address, groups and VLANs (10.2.5.18 to 10.2.5.21; SDM 13.5). */
final class FilterRegisters {

    private static final long MTA = 0x5200;
    private static final long RAL = 0x5400;
    private static final long RAH = 0x5404;
    private static final long VFTA = 0x5600;

    private static final int ADDRESSES = 16;
    private static final int WORDS = 128;
    private static final int RAH_VALID = 1 << 31;

    private final Bar bar;

    FilterRegisters(Bar bar) {
        this.bar = bar;
    }

    /** The address that the controller has loaded from its NVM, first octet most significant. */
    OptionalLong loadedAddress() {
        int high = bar.read32(RAH);
        if ((high & RAH_VALID) == 0) {
            return OptionalLong.empty();
        }
        // The registers have the first octet lowest.
        long reversed = (high & 0xffffL) << 32 | (bar.read32(RAL) & 0xffff_ffffL);
        return OptionalLong.of(Long.reverseBytes(reversed) >>> 16);
    }

    /** Receives frames to one address: the first of sixteen. The others are not used. */
    void station(MacAddress address) {
        long reversed = Long.reverseBytes(address.value()) >>> 16;
        bar.write32(RAL, (int) reversed);
        bar.write32(RAH, (int) (reversed >>> 32) | RAH_VALID);
        for (int i = 1; i < ADDRESSES; i++) {
            bar.write32(RAH + 8L * i, 0);
        }
    }

    /** Receives frames to groups, and to others that have the same hash. */
    void groups(Collection<MacAddress> groups) {
        BitSet hashes = new BitSet(WORDS * Integer.SIZE);
        groups.forEach(group -> hashes.set(hash(group)));
        write(MTA, hashes);
    }

    /** Receives frames of VLANs, where the filter is on. */
    void vlans(BitSet vlans) {
        write(VFTA, vlans);
    }

    /** Bits 47 to 36 of the address as it is sent, which is what RCTL.MO = 00b chooses. */
    static int hash(MacAddress group) {
        return (group.octet(4) & 0xff) >>> 4 | (group.octet(5) & 0xff) << 4;
    }

    /** Both tables have 4,096 bits. */
    private void write(long table, BitSet bits) {
        for (int word = 0; word < WORDS; word++) {
            int value = 0;
            for (int bit = 0; bit < Integer.SIZE; bit++) {
                value |= bits.get(word * Integer.SIZE + bit) ? 1 << bit : 0;
            }
            bar.write32(table + 4L * word, value);
        }
    }
}
