package org.busbar.nvme;

/**
 * How a controller ended a command: the status field of a completion without the phase tag (NVMe Base 1.4, section
 * 4.6.1). Type and code together say what happened; {@link #text} says it in words.
 *
 * @param type SCT: 0 generic, 1 specific to the command, 2 media and data integrity, 3 path related, 7 vendor specific
 * @param code SC, 0 to 255; with type 0 it is 0 for success
 * @param more whether the error log has more to say (M)
 * @param doNotRetry whether the same command would fail again (DNR)
 */
public record NvmeStatus(int type, int code, boolean more, boolean doNotRetry) {

    /** Success. */
    public static final NvmeStatus SUCCESS = new NvmeStatus(0, 0, false, false);

    public NvmeStatus {
        if (type < 0 || type > 7 || code < 0 || code > 255) {
            throw new IllegalArgumentException(
                    "a status has a type of 0 to 7 and a code of 0 to 255, not " + type + " and " + code);
        }
    }

    /**
     * Takes a status field apart.
     *
     * @param field the 15 bits above the phase tag: SC in bits 7:0, SCT in 10:8, M in 13, DNR in 14
     */
    public static NvmeStatus ofField(int field) {
        return new NvmeStatus(
                field >>> 8 & 7, field & 0xff, (field & 1 << 13) != 0, (field & 1 << 14) != 0);
    }

    /** Returns whether the command did what it should. */
    public boolean isSuccess() {
        return type == 0 && code == 0;
    }

    /** Returns type and code in one number, {@code SCT << 8 | SC}. */
    public int typeAndCode() {
        return type << 8 | code;
    }

    /** Returns what the status means, for example {@code LBA out of range}. */
    public String text() {
        return StatusText.of(type, code);
    }

    /** Returns the section of NVMe Base 1.4 that defines the code. */
    public String section() {
        return switch (type) {
            case 0 -> "4.6.1.2.1";
            case 1 -> "4.6.1.2.2";
            case 2 -> "4.6.1.2.3";
            case 3 -> "4.6.1.2.4";
            default -> "4.6.1.1";
        };
    }

    /** Returns the text with the numbers, for example {@code LBA out of range (SCT 0, SC 0x80, NVMe 1.4 section 4.6.1.2.1)}. */
    @Override
    public String toString() {
        return "%s (SCT %d, SC 0x%02x%s, NVMe 1.4 section %s)"
                .formatted(text(), type, code, doNotRetry ? ", do not retry" : "", section());
    }
}
