package org.busbar.nvme;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a namespace is (Identify Namespace, section 5.15.2.1, and the identification descriptors, 5.15.2.4).
 *
 * @param nsid namespace identifier
 * @param blocks size in blocks (NSZE)
 * @param capacity how many blocks may be allocated at a time (NCAP)
 * @param used how many are (NUSE)
 * @param format the format in use, an index into {@code formats} (FLBAS)
 * @param formats the formats it can be given, by index
 * @param metadataInline whether metadata follows each block in the data, instead of being in a buffer of its own (FLBAS
 *     bit 4)
 * @param protection type of protection information in use, 0 for none (DPS bits 2:0)
 * @param protectionFirst whether it is the first 8 bytes of metadata instead of the last (DPS bit 3)
 * @param protectionTypes the types that it can be formatted with (DPC bits 2:0)
 * @param thin whether it is thinly provisioned (NSFEAT bit 0)
 * @param shared whether several controllers may have it attached (NMIC bit 0)
 * @param writeProtected whether it is (NSATTR bit 0)
 * @param eui64 EUI64, 16 digits of lowercase hex
 * @param nguid NGUID, 32 digits of lowercase hex
 * @param uuid UUID
 */
public record NamespaceIdentity(
        int nsid,
        long blocks,
        long capacity,
        long used,
        int format,
        List<LbaFormat> formats,
        boolean metadataInline,
        int protection,
        boolean protectionFirst,
        Set<Integer> protectionTypes,
        boolean thin,
        boolean shared,
        boolean writeProtected,
        Optional<String> eui64,
        Optional<String> nguid,
        Optional<UUID> uuid) {

    public NamespaceIdentity {
        formats = List.copyOf(formats);
        protectionTypes = Set.copyOf(protectionTypes);
        if (format < 0 || format >= formats.size()) {
            throw new IllegalArgumentException("format " + format + " is none of " + formats.size());
        }
    }

    /** Returns the format in use. */
    public LbaFormat lbaFormat() {
        return formats.get(format);
    }

    /**
     * A format (figure 246).
     *
     * @param index what a format request names
     * @param blockShift bytes per block without metadata, as a power of two (LBADS); 0 if the format cannot be used
     * @param metadataBytes bytes of metadata per block (MS)
     * @param performance relative performance, 0 best to 3 degraded (RP)
     */
    public record LbaFormat(int index, int blockShift, int metadataBytes, int performance) {

        /** Returns the bytes per block without metadata, 0 if the format cannot be used. */
        public long blockSize() {
            return blockShift == 0 || blockShift > 62 ? 0 : 1L << blockShift;
        }
    }
}
