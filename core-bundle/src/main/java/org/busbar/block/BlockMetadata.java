package org.busbar.block;

/**
 * The metadata that a device keeps with each block (NVMe Base 1.4, section 8.2), and the protection information in it
 * (section 8.3).
 *
 * @param bytes metadata bytes per block, 0 for none
 * @param inline whether metadata follows each block's data in the same buffer (an extended logical block) instead of
 *     lying in a buffer of its own
 * @param protectionType 0 for none, 1 to 3 for the types of protection information; its eight bytes are part of
 *     {@code bytes}
 * @param protectionFirst whether the protection information is the first eight bytes of the metadata; otherwise the last
 */
public record BlockMetadata(int bytes, boolean inline, int protectionType, boolean protectionFirst) {

    /** Bytes of the protection information of a block: guard, application tag, reference tag. */
    public static final int PROTECTION_BYTES = 8;

    /** No metadata. */
    public static final BlockMetadata NONE = new BlockMetadata(0, false, 0, false);

    public BlockMetadata {
        if (bytes < 0 || protectionType < 0 || protectionType > 3 || (protectionType > 0 && bytes < PROTECTION_BYTES)) {
            throw new IllegalArgumentException(
                    "metadata of " + bytes + " bytes cannot have protection type " + protectionType);
        }
    }

    /** Returns whether blocks carry protection information. */
    public boolean isProtected() {
        return protectionType != 0;
    }

    /**
     * Returns whether a request moves no metadata although blocks have it: the device makes and checks the protection
     * information, and there is nothing else in the metadata.
     */
    public boolean isStripped(RequestOptions options) {
        return isProtected() && bytes == PROTECTION_BYTES && options.protection().byDevice();
    }
}
