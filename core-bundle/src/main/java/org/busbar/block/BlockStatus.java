package org.busbar.block;

/** How a request ended. */
public enum BlockStatus {
    /** Done. */
    OK("done"),
    /** The medium could not be read or written; other blocks may still be fine. */
    MEDIA_ERROR("the medium failed"),
    /** The blocks lie outside the device. */
    OUT_OF_RANGE("the blocks lie outside the device"),
    /** The device does not know this request, or does not allow it. */
    NOT_SUPPORTED("the device does not support the request"),
    /** The blocks are not what they were compared with. */
    COMPARE_MISMATCH("the blocks differ from what they were compared with"),
    /** Guard, application tag or reference tag of a block is wrong: data was damaged, or is another block's. */
    PROTECTION_FAILED("the protection information of a block is wrong"),
    /** The blocks cannot be written now, though they can be read. */
    WRITE_PROTECTED("the blocks are write protected"),
    /** The device did not answer in time. */
    TIMED_OUT("the device did not answer in time"),
    /** The request was aborted, by a reset or because its queue was closed. */
    ABORTED("the request was aborted"),
    /** The device is gone; whether the request took effect is not known. */
    GONE("the device is gone"),
    /**
     * Of a flush: writes that had completed before it may be lost, because the device was without power since. Reported once;
     * what is written from then on is made durable by the next flush.
     */
    WRITES_LOST(
            "writes that had completed may be lost, since the device was without power before they were made durable"),
    /** The device failed in another way. */
    DEVICE_ERROR("the device reported an error");

    private final String text;

    BlockStatus(String text) {
        this.text = text;
    }

    /** Returns the status in words. */
    public String text() {
        return text;
    }
}
