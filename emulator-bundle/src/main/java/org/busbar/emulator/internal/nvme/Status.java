package org.busbar.emulator.internal.nvme;

/**
 * Status field of a completion without the phase tag (section 4.6.1): status code in bits 0 to 7, its type in bits 8 to
 * 10, do-not-retry in bit 14.
 */
final class Status {

    /** No completion is to be posted now. */
    static final int NONE = -1;

    static final int DO_NOT_RETRY = 1 << 14;

    // Generic command status (section 4.6.1.2.1)
    static final int SUCCESS = 0x000;
    static final int INVALID_OPCODE = 0x001 | DO_NOT_RETRY;
    static final int INVALID_FIELD = 0x002 | DO_NOT_RETRY;
    static final int DATA_TRANSFER_ERROR = 0x004;
    static final int ABORT_REQUESTED = 0x007;
    static final int ABORTED_SQ_DELETION = 0x008;
    static final int INVALID_NAMESPACE = 0x00b | DO_NOT_RETRY;
    static final int COMMAND_SEQUENCE_ERROR = 0x00c | DO_NOT_RETRY;
    static final int SGL_SEGMENT_INVALID = 0x00d | DO_NOT_RETRY;
    static final int SGL_COUNT_INVALID = 0x00e | DO_NOT_RETRY;
    static final int SGL_DATA_LENGTH_INVALID = 0x00f | DO_NOT_RETRY;
    static final int SGL_METADATA_LENGTH_INVALID = 0x010 | DO_NOT_RETRY;
    static final int SGL_TYPE_INVALID = 0x011 | DO_NOT_RETRY;
    static final int PRP_OFFSET_INVALID = 0x013 | DO_NOT_RETRY;
    static final int SGL_OFFSET_INVALID = 0x016 | DO_NOT_RETRY;
    static final int LBA_OUT_OF_RANGE = 0x080 | DO_NOT_RETRY;
    static final int CAPACITY_EXCEEDED = 0x081;

    // Command specific status (section 4.6.1.2.2)
    static final int CQ_INVALID = 0x100 | DO_NOT_RETRY;
    static final int INVALID_QUEUE_ID = 0x101 | DO_NOT_RETRY;
    static final int INVALID_QUEUE_SIZE = 0x102 | DO_NOT_RETRY;
    static final int EVENT_LIMIT_EXCEEDED = 0x105;
    static final int INVALID_INTERRUPT_VECTOR = 0x108 | DO_NOT_RETRY;
    static final int INVALID_LOG_PAGE = 0x109 | DO_NOT_RETRY;
    static final int INVALID_FORMAT = 0x10a | DO_NOT_RETRY;
    static final int INVALID_QUEUE_DELETION = 0x10c | DO_NOT_RETRY;
    static final int NOT_SAVEABLE = 0x10d | DO_NOT_RETRY;
    static final int NOT_CHANGEABLE = 0x10e | DO_NOT_RETRY;
    static final int INSUFFICIENT_CAPACITY = 0x115 | DO_NOT_RETRY;
    static final int NO_NAMESPACE_ID = 0x116 | DO_NOT_RETRY;
    static final int ALREADY_ATTACHED = 0x118 | DO_NOT_RETRY;
    static final int NOT_ATTACHED = 0x11a | DO_NOT_RETRY;
    static final int CONTROLLER_LIST_INVALID = 0x11c | DO_NOT_RETRY;
    static final int INVALID_PROTECTION_INFORMATION = 0x181 | DO_NOT_RETRY;
    static final int SIZE_LIMIT_EXCEEDED = 0x183 | DO_NOT_RETRY;

    // Media and data integrity errors (section 4.6.1.2.3)
    static final int WRITE_FAULT = 0x280;
    static final int UNRECOVERED_READ = 0x281;
    static final int GUARD_CHECK = 0x282 | DO_NOT_RETRY;
    static final int APPLICATION_TAG_CHECK = 0x283 | DO_NOT_RETRY;
    static final int REFERENCE_TAG_CHECK = 0x284 | DO_NOT_RETRY;
    static final int COMPARE_FAILURE = 0x285 | DO_NOT_RETRY;

    private Status() {}
}
