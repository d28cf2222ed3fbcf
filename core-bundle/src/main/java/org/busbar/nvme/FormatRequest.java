package org.busbar.nvme;

/**
 * How to format a namespace (Format NVM, section 5.23, figure 328).
 *
 * @param nsid which, or {@link NvmeController#ALL_NAMESPACES}
 * @param format index of the format (LBAF), 0 to 15; see {@link NamespaceIdentity#formats}
 * @param metadataInline whether metadata is to follow each block in the data (MSET)
 * @param protection type of protection information, 0 for none, to 3 (PI)
 * @param protectionFirst whether it is to be the first bytes of metadata (PIL)
 * @param erase what to do to old data (SES)
 */
public record FormatRequest(
        int nsid, int format, boolean metadataInline, int protection, boolean protectionFirst, Erase erase) {

    /** What happens to old data. */
    public enum Erase {
        /** No erase is asked for; the data is lost to readers nevertheless. */
        NONE(0),
        /** User data is erased: unknown afterwards. */
        USER_DATA(1),
        /** The key that user data is encrypted with is destroyed. */
        CRYPTOGRAPHIC(2);

        private final int code;

        Erase(int code) {
            this.code = code;
        }

        /** Returns the value of the field SES. */
        public int code() {
            return code;
        }
    }

    public FormatRequest {
        if (nsid == 0) {
            throw new IllegalArgumentException("0 is no namespace; all of them are 0xffffffff");
        }
        if (format < 0 || format > 15 || protection < 0 || protection > 3) {
            throw new IllegalArgumentException(
                    "formats are 0 to 15 and protection types 0 to 3, not " + format + " and "
                            + protection);
        }
    }

    /** Returns a request for a format without metadata handling, protection or erase. */
    public static FormatRequest of(int nsid, int format) {
        return new FormatRequest(nsid, format, false, 0, false, Erase.NONE);
    }

    /** Returns the same with another erase. */
    public FormatRequest with(Erase other) {
        return new FormatRequest(nsid, format, metadataInline, protection, protectionFirst, other);
    }

    /** Returns the same with protection information. */
    public FormatRequest withProtection(int type, boolean first) {
        return new FormatRequest(nsid, format, metadataInline, type, first, erase);
    }

    /** Returns the same with metadata inside the data, or in a buffer of its own. */
    public FormatRequest withMetadataInline(boolean inline) {
        return new FormatRequest(nsid, format, inline, protection, protectionFirst, erase);
    }
}
