package org.busbar.net;

/** Who has a descriptor of a ring. */
public enum DescriptorStatus {
    /** Nobody: it has no buffer. */
    UNUSED,
    /** The device. */
    DEVICE,
    /** The driver: the device is done with it. */
    DONE
}
