package org.busbar.driver.nic;

import java.util.EnumSet;
import java.util.Set;
import org.busbar.net.PortFeature;

/**
 * What the controllers have in common that are programmed alike. The sources are the 82574 datasheet, revision 3.4, and the
 * 8254x software developer's manual (SDM), revision 4.0; where a class names both, the section of the former comes first.
 */
enum Family {

    /** Conventional PCI and PCI-X: one queue pair, legacy receive descriptors, MSI at most. */
    I8254X(1, 16_128, 8, 1 << 4, 40, 4),

    /** PCI Express: two queue pairs, extended receive descriptors, MSI-X. */
    I82574(2, 9_234, 2, 1 << 1, 20, 3);

    /** An Ethernet header, a VLAN tag and the frame check sequence. */
    static final int AROUND_PAYLOAD = 14 + 4 + 4;

    private final int queues;
    private final int maxFrame;
    private final int nvmShift;
    private final int nvmDone;
    private final int receiveKilobytes;
    private final int lights;

    /**
     * @param maxFrame bytes of the longest frame on the wire
     * @param nvmShift where EERD has the number of the word (10.2.2.5; SDM 13.4.4)
     * @param nvmDone the bit of EERD that says that a word has been read
     * @param receiveKilobytes of the packet buffer that frames which arrive have, see PBA (10.2.2.14; SDM 13.4.13)
     * @param lights how many LEDs LEDCTL controls
     */
    Family(int queues, int maxFrame, int nvmShift, int nvmDone, int receiveKilobytes, int lights) {
        this.queues = queues;
        this.maxFrame = maxFrame;
        this.nvmShift = nvmShift;
        this.nvmDone = nvmDone;
        this.receiveKilobytes = receiveKilobytes;
        this.lights = lights;
    }

    /** How many queue pairs there are. With two, receive side scaling spreads frames over them. */
    int queues() {
        return queues;
    }

    int maxMtu() {
        return maxFrame - AROUND_PAYLOAD;
    }

    int nvmShift() {
        return nvmShift;
    }

    int nvmDone() {
        return nvmDone;
    }

    int receiveKilobytes() {
        return receiveKilobytes;
    }

    int lights() {
        return lights;
    }

    /** Whether receive descriptors have the extended layout (7.1.5), which has the hash. */
    boolean extendedDescriptors() {
        return this == I82574;
    }

    /** Whether interrupts are MSI-X, with causes for each queue (7.4.1). */
    boolean messageVectors() {
        return this == I82574;
    }

    /** Whether it is on PCI Express, and has to be asked to end its accesses before a reset (4.6.3). */
    boolean express() {
        return this == I82574;
    }

    /** Whether TCP over IPv6 is segmented: the 8254x write wrong lengths into its headers. */
    boolean segmentsIpv6() {
        return this == I82574;
    }

    /** What ports of the family can do. Changes of the link are noticed when they happen only where there are interrupts. */
    Set<PortFeature> features(boolean interrupts) {
        EnumSet<PortFeature> has = EnumSet.of(
                PortFeature.PROMISCUOUS,
                PortFeature.ALL_MULTICAST,
                PortFeature.MULTICAST_FILTER,
                PortFeature.VLAN_FILTER,
                PortFeature.MAC_SET,
                PortFeature.FLOW_CONTROL,
                PortFeature.LED,
                PortFeature.MTU_SET,
                PortFeature.SCATTERED_RECEIVE,
                PortFeature.SCATTERED_TRANSMIT,
                PortFeature.VLAN_STRIP,
                PortFeature.VLAN_INSERT,
                PortFeature.TRANSMIT_CHECKSUM,
                PortFeature.TRANSMIT_IP_CHECKSUM,
                PortFeature.RECEIVE_CHECKSUM,
                PortFeature.RECEIVE_IP_CHECKSUM,
                PortFeature.SEGMENTATION_IPV4,
                PortFeature.QUEUE_STATISTICS,
                PortFeature.QUEUE_RESTART,
                PortFeature.DESCRIPTOR_STATUS,
                PortFeature.RESET,
                PortFeature.SHARED_POOL);
        if (segmentsIpv6()) {
            has.add(PortFeature.SEGMENTATION_IPV6);
        }
        if (queues > 1) {
            has.add(PortFeature.RECEIVE_SPREAD);
            has.add(PortFeature.RECEIVE_HASH);
        }
        if (interrupts) {
            has.add(PortFeature.LINK_EVENTS);
            has.add(PortFeature.INTERRUPT_THROTTLING);
        }
        return has;
    }
}
