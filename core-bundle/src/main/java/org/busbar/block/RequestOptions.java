package org.busbar.block;

/**
 * How a request is to be carried out. Immutable; made once and used for any number of requests.
 *
 * @param forceUnitAccess for writes: complete once the data is durable. For reads: read from the medium
 * @param limitedRetry report an error rather than try hard to recover
 * @param deallocate for write zeroes: the device may give the blocks back, if they then read as zeroes
 * @param protection who makes and who checks protection information, on devices that have it
 */
public record RequestOptions(
        boolean forceUnitAccess, boolean limitedRetry, boolean deallocate, ProtectionOptions protection) {

    /** Nothing special: the device makes and checks protection information, if it has any. */
    public static final RequestOptions NONE = new RequestOptions(false, false, false, ProtectionOptions.BY_DEVICE);

    /** A write that is durable when it completes. */
    public static final RequestOptions DURABLE = new RequestOptions(true, false, false, ProtectionOptions.BY_DEVICE);

    /** Zeroes that need not take up room. */
    public static final RequestOptions SPARSE = new RequestOptions(false, false, true, ProtectionOptions.BY_DEVICE);

    /** Returns these options with other protection. */
    public RequestOptions with(ProtectionOptions other) {
        return new RequestOptions(forceUnitAccess, limitedRetry, deallocate, other);
    }
}
