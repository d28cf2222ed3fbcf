package org.busbar.emulator.internal.nvme;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The identifiers of a namespace that are unique in the world (section 6.1.6). They follow from the card's serial number
 * and from how many namespaces it has had before, so that a card keeps them and no two namespaces share them.
 *
 * @param eui64 EUI-64
 * @param nguidHigh NGUID, the first eight bytes
 * @param nguidLow NGUID, the last eight bytes
 * @param uuid UUID
 */
record NamespaceNames(long eui64, long nguidHigh, long nguidLow, UUID uuid) {

    /** The company part is one that nobody was assigned. */
    private static final long COMPANY = 0x52_5400L;

    static NamespaceNames of(String serial, int ordinal) {
        byte[] seed = (serial + '/' + ordinal).getBytes(StandardCharsets.US_ASCII);
        long mixed = 0xcbf2_9ce4_8422_2325L;
        for (byte octet : seed) {
            mixed = (mixed ^ octet) * 0x100_0000_01b3L;
        }
        long extension = mixed & 0xff_ffff_ffffL;
        return new NamespaceNames(
                (COMPANY << 40) | extension, mixed, (COMPANY << 40) | extension, UUID.nameUUIDFromBytes(seed));
    }
}
