package org.busbar.driver.nvme;

/** Opcodes of the commands that the driver uses, and the fields that go with them. */
final class Opcode {

    // Admin commands: NVMe Base 1.4, section 5
    static final int DELETE_IO_SQ = 0x00;
    static final int CREATE_IO_SQ = 0x01;
    static final int DELETE_IO_CQ = 0x04;
    static final int CREATE_IO_CQ = 0x05;
    static final int IDENTIFY = 0x06;
    static final int SET_FEATURES = 0x09;

    // NVM commands: NVMe Base 1.4, section 6
    static final int FLUSH = 0x00;
    static final int WRITE = 0x01;
    static final int READ = 0x02;

    /** CNS of Identify (5.15.1): the namespace that NSID names. */
    static final int CNS_NAMESPACE = 0;

    static final int CNS_CONTROLLER = 1;
    static final int CNS_ACTIVE_NAMESPACES = 2;

    /** Feature identifier (5.21.1.7): number of queues. */
    static final int FEATURE_NUMBER_OF_QUEUES = 7;

    /** CDW11 of Create I/O Completion Queue (5.3): physically contiguous, interrupts enabled. */
    static final int QUEUE_CONTIGUOUS = 1;

    static final int CQ_INTERRUPTS = 1 << 1;

    private Opcode() {}
}
