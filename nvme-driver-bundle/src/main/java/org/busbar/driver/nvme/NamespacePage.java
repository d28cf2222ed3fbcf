package org.busbar.driver.nvme;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.nvme.NamespaceIdentity.LbaFormat;
import org.jspecify.annotations.Nullable;

/**
 * Reads Identify Namespace (NVMe Base 1.4, section 5.15.2.1, figure 245) and the namespace identification descriptors
 * (5.15.2.4, figure 250). As with {@link ControllerPage}, reading succeeds whatever is there.
 */
final class NamespacePage {

    private static final int NLBAF = 25;
    private static final int FLBAS = 26;
    private static final int DPC = 28;
    private static final int DPS = 29;
    private static final int NMIC = 30;
    private static final int NSATTR = 99;
    private static final int NGUID = 104;
    private static final int EUI64 = 120;
    private static final int LBA_FORMATS = 128;
    private static final int ELBA_FORMATS = 12;
    /** NVM Command Set 1.0 has so many; before it there were 16. */
    private static final int MAX_FORMATS = 64;

    private NamespacePage() {}

    /** @param descriptors the identification descriptors, if the controller has them */
    static NamespaceIdentity parse(int nsid, Fields page, @Nullable Fields descriptors) {
        int format = formatInUse(page);
        return new NamespaceIdentity(
                nsid,
                page.s64(0),
                page.s64(8),
                page.s64(16),
                format,
                formats(page, format),
                page.bit(FLBAS, 4),
                page.u8(DPS) & 7,
                page.bit(DPS, 3),
                protectionTypes(page.u8(DPC)),
                page.bit(24, 0),
                page.bit(NMIC, 0),
                page.bit(NSATTR, 0),
                page.hex(EUI64, 8).or(() -> descriptor(descriptors, 1, 8)),
                page.hex(NGUID, 16).or(() -> descriptor(descriptors, 2, 16)),
                descriptor(descriptors, 3, 16).map(NamespacePage::uuid));
    }

    /** The same for controllers whose identifiers are not their own. */
    static NamespaceIdentity withoutIdentifiers(int nsid, Fields page) {
        byte[] copy = page.page().toArray(ValueLayout.JAVA_BYTE);
        Arrays.fill(copy, NGUID, EUI64 + 8, (byte) 0);
        return parse(nsid, Fields.of(copy), null);
    }

    /** FLBAS 3:0 and, of namespaces with more than 16 formats, 6:5 above them (NVM Command Set 1.0, section 4.1.5.1). */
    private static int formatInUse(Fields page) {
        int flbas = page.u8(FLBAS);
        int upper = page.u8(NLBAF) > 15 ? (flbas >>> 1) & 0x30 : 0;
        return upper | (flbas & 0xf);
    }

    /** As many as NLBAF says, from zero; never fewer than the format in use needs. */
    private static List<LbaFormat> formats(Fields page, int inUse) {
        List<LbaFormat> formats = new ArrayList<>();
        int count = Math.min(Math.max(page.u8(NLBAF), inUse) + 1, MAX_FORMATS);
        for (int i = 0; i < count; i++) {
            int lbaf = page.s32(LBA_FORMATS + 4L * i);
            formats.add(new LbaFormat(i, lbaf >>> 16 & 0xff, lbaf & 0xffff, lbaf >>> 24 & 3));
        }
        return formats;
    }

    /**
     * How long guards are in a format (PIF), from the namespace's page that is the NVM command set's own (NVM Command Set
     * 1.0, section 4.1.5.3): bits 8:7 of ELBAF.
     */
    static int guards(Fields page, int format) {
        return page.s32(ELBA_FORMATS + 4L * format) >>> 7 & 3;
    }

    private static Set<Integer> protectionTypes(int dpc) {
        Set<Integer> types = new HashSet<>();
        for (int type = 1; type <= 3; type++) {
            if ((dpc >>> (type - 1) & 1) != 0) {
                types.add(type);
            }
        }
        return types;
    }

    /** Descriptors follow one another: type, length, two reserved bytes, identifier. One of type zero ends the list. */
    private static Optional<String> descriptor(@Nullable Fields list, int type, int length) {
        if (list == null) {
            return Optional.empty();
        }
        int at = 0;
        while (at + 4 <= 4096 && list.u8(at) != 0) {
            int bytes = list.u8(at + 1);
            if (at + 4 + bytes > 4096) {
                break;
            }
            if (list.u8(at) == type && bytes == length) {
                return list.hex(at + 4, length);
            }
            at += 4 + bytes;
        }
        return Optional.empty();
    }

    private static UUID uuid(String hex) {
        return new UUID(
                Long.parseUnsignedLong(hex.substring(0, 16), 16), Long.parseUnsignedLong(hex.substring(16), 16));
    }
}
