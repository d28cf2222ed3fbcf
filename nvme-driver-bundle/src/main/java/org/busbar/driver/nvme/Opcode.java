package org.busbar.driver.nvme;

/** Opcodes of the commands that the driver uses, and the fields that go with them. */
final class Opcode {

    // Admin commands: NVMe Base 1.4, section 5
    static final int DELETE_IO_SQ = 0x00;
    static final int CREATE_IO_SQ = 0x01;
    static final int DELETE_IO_CQ = 0x04;
    static final int CREATE_IO_CQ = 0x05;
    static final int GET_LOG_PAGE = 0x02;
    static final int IDENTIFY = 0x06;
    static final int ABORT = 0x08;
    static final int SET_FEATURES = 0x09;
    static final int GET_FEATURES = 0x0a;
    static final int ASYNC_EVENT_REQUEST = 0x0c;
    static final int NAMESPACE_ATTACHMENT = 0x15;
    static final int DOORBELL_BUFFER_CONFIG = 0x7c;
    static final int FORMAT_NVM = 0x80;

    // NVM commands: NVMe Base 1.4, section 6
    static final int FLUSH = 0x00;
    static final int WRITE = 0x01;
    static final int READ = 0x02;
    static final int COMPARE = 0x05;
    static final int WRITE_ZEROES = 0x08;
    static final int DATASET_MANAGEMENT = 0x09;
    static final int VERIFY = 0x0c;
    static final int COPY = 0x19;

    /** CDW11 of Dataset Management (6.7): attribute deallocate. */
    static final long DSM_DEALLOCATE = 1 << 2;

    /** CNS of Identify (5.15.1): the namespace that NSID names. */
    static final int CNS_NAMESPACE = 0;

    static final int CNS_CONTROLLER = 1;
    static final int CNS_ACTIVE_NAMESPACES = 2;

    /** The identification descriptors of a namespace (5.15.2.4). */
    static final int CNS_DESCRIPTORS = 3;
    /** What the NVM command set has to say of a namespace (NVMe Base 2.0, section 5.17.2.5). */
    static final int CNS_NVM_NAMESPACE = 5;

    /** All namespaces of the subsystem, attached or not, and what one of them is (5.15.2.7, 5.15.2.8). */
    static final int CNS_ALLOCATED_NAMESPACES = 0x10;

    static final int CNS_ALLOCATED_NAMESPACE = 0x11;

    // Feature identifiers (5.21.1)
    static final int FEATURE_POWER = 0x02;
    static final int FEATURE_TEMPERATURE = 0x04;
    static final int FEATURE_WRITE_CACHE = 0x06;
    static final int FEATURE_NUMBER_OF_QUEUES = 0x07;
    static final int FEATURE_COALESCING = 0x08;
    static final int FEATURE_EVENTS = 0x0b;
    static final int FEATURE_HOST_MEMORY = 0x0d;

    /** CDW11 of Create I/O Completion Queue (5.3): physically contiguous, interrupts enabled. */
    static final int QUEUE_CONTIGUOUS = 1;

    static final int CQ_INTERRUPTS = 1 << 1;

    private Opcode() {}
}
