package org.busbar.block;

/**
 * Who makes protection information, and what of it the device checks (NVMe Base 1.4, section 8.3). The reference tag of a
 * block is the low 32 bits of its number. Devices without protection information ignore this.
 *
 * @param byDevice the device makes it on writes and takes it off on reads (PRACT); otherwise it passes between medium and
 *     the request's metadata
 * @param checkGuard the device checks the CRC of each block
 * @param checkReference the device checks each block's reference tag; with type 3 there is none to check
 * @param checkApplication the device checks the application tag, under {@code applicationMask}
 * @param applicationTag what is written, or expected, 0 to 65535
 * @param applicationMask which bits of it are compared, 0 to 65535
 */
public record ProtectionOptions(
        boolean byDevice,
        boolean checkGuard,
        boolean checkReference,
        boolean checkApplication,
        int applicationTag,
        int applicationMask) {

    /** The device makes it, takes it off, and checks guard and reference tag. */
    public static final ProtectionOptions BY_DEVICE = new ProtectionOptions(true, true, true, false, 0, 0);

    /** It passes between medium and metadata, and the device checks guard and reference tag on the way. */
    public static final ProtectionOptions PASSED = new ProtectionOptions(false, true, true, false, 0, 0);

    /** It passes between medium and metadata, and nobody looks at it. */
    public static final ProtectionOptions UNCHECKED = new ProtectionOptions(false, false, false, false, 0, 0);

    public ProtectionOptions {
        if ((applicationTag & 0xffff) != applicationTag || (applicationMask & 0xffff) != applicationMask) {
            throw new IllegalArgumentException("application tag and mask are 0 to 65535, not " + applicationTag
                    + " and " + applicationMask);
        }
    }
}
