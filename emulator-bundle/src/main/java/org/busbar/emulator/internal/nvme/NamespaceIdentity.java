package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.util.UUID;

/** What Identify Namespace (figure 245) and its list of identifiers (figure 246) say. */
final class NamespaceIdentity {

    private static final int NIDT_EUI64 = 1;
    private static final int NIDT_NGUID = 2;
    private static final int NIDT_UUID = 3;
    private static final int FORMATS = 128;

    private NamespaceIdentity() {}

    static void fill(MemorySegment data, Namespace namespace) {
        Fields.set64(data, 0, namespace.blocks());
        Fields.set64(data, 8, namespace.blocks());
        Fields.set64(data, 16, namespace.blocks());
        Fields.set8(data, 25, LbaFormat.ALL.size() - 1);
        Fields.set8(data, 26, namespace.format().index() | (namespace.extended() ? 1 << 4 : 0));
        Fields.set64(data, 48, namespace.size());
        capabilities(data);
        Fields.set8(data, 29, namespace.protection() | (namespace.protectionFirst() ? 1 << 3 : 0));
        Fields.set8(data, 30, namespace.shared() ? 1 : 0);
        NamespaceNames names = namespace.names();
        Fields.set64BigEndian(data, 104, names.nguidHigh());
        Fields.set64BigEndian(data, 112, names.nguidLow());
        Fields.set64BigEndian(data, 120, names.eui64());
    }

    /** What every namespace can do: said of namespace FFFFFFFFh too (section 5.15.2.1). */
    static void capabilities(MemorySegment data) {
        Fields.set8(data, 25, LbaFormat.ALL.size() - 1);
        // Metadata at the end of blocks or apart; protection information of all types, first or last.
        Fields.set8(data, 27, 0x03);
        Fields.set8(data, 28, 0x1f);
        // What is deallocated reads as zeros, and Write Zeroes may deallocate.
        Fields.set8(data, 33, 0x09);
        Fields.set16(data, 74, CopyCommand.MAX_RANGE_BLOCKS);
        Fields.set32(data, 76, CopyCommand.MAX_BLOCKS);
        Fields.set8(data, 80, CopyCommand.MAX_RANGES - 1);
        for (int i = 0; i < LbaFormat.ALL.size(); i++) {
            LbaFormat format = LbaFormat.ALL.get(i);
            Fields.set32(data, FORMATS + 4L * i, format.metadata() | (format.blockShift() << 16));
        }
    }

    /** The list of a namespace's identifiers (section 5.15.2.4). */
    static void descriptors(MemorySegment data, Namespace namespace) {
        NamespaceNames names = namespace.names();
        descriptor(data, 0, NIDT_EUI64, 8);
        Fields.set64BigEndian(data, 4, names.eui64());
        descriptor(data, 12, NIDT_NGUID, 16);
        Fields.set64BigEndian(data, 16, names.nguidHigh());
        Fields.set64BigEndian(data, 24, names.nguidLow());
        descriptor(data, 32, NIDT_UUID, 16);
        UUID uuid = names.uuid();
        Fields.set64BigEndian(data, 36, uuid.getMostSignificantBits());
        Fields.set64BigEndian(data, 44, uuid.getLeastSignificantBits());
    }

    private static void descriptor(MemorySegment data, long offset, int type, int length) {
        Fields.set8(data, offset, type);
        Fields.set8(data, offset + 1, length);
    }
}
