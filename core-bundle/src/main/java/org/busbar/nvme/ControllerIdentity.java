package org.busbar.nvme;

import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a controller says of itself (Identify Controller, section 5.15.2.2), the essentials. Texts are trimmed, and what is
 * not printable ASCII is replaced. The whole structure is {@code identify(0x01, 0)} of {@link NvmeController}.
 *
 * @param vendor PCI vendor (VID)
 * @param subsystemVendor PCI subsystem vendor (SSVID)
 * @param serial serial number (SN)
 * @param model model number (MN)
 * @param firmware firmware revision (FR)
 * @param oui the vendor's IEEE identifier
 * @param controllerId CNTLID, unique in the subsystem
 * @param version of the specification, for example {@code 1.4.0} (VER, or the VS register)
 * @param subsystem name of the NVM subsystem (SUBNQN), may be empty
 * @param maxTransfer the most bytes that a command may move (MDTS), {@link Long#MAX_VALUE} for no limit
 * @param namespaces the highest namespace identifier (NN)
 * @param capabilities which optional commands and abilities it has
 * @param abortLimit how many abort commands may be outstanding (ACL, from one)
 * @param eventLimit how many asynchronous event requests may be outstanding (AERL, from one)
 * @param errorEntries entries of the error log (ELPE, from one)
 * @param firmwareSlots how many slots for firmware (FRMW)
 * @param warningKelvin temperature from which on it warns (WCTEMP), 0 if not reported
 * @param criticalKelvin temperature that is critical (CCTEMP), 0 if not reported
 * @param capacity bytes of the subsystem (TNVMCAP), 0 if not reported
 * @param unallocated bytes that belong to no namespace (UNVMCAP), 0 if not reported
 * @param shutdownTime how long a shutdown may take (RTD3E), zero if not reported
 * @param sanitize which ways to sanitize it has (SANICAP), as bits
 * @param powerStates its power states, by number
 */
public record ControllerIdentity(
        int vendor,
        int subsystemVendor,
        String serial,
        String model,
        String firmware,
        int oui,
        int controllerId,
        String version,
        String subsystem,
        long maxTransfer,
        long namespaces,
        Set<Capability> capabilities,
        int abortLimit,
        int eventLimit,
        int errorEntries,
        int firmwareSlots,
        int warningKelvin,
        int criticalKelvin,
        BigInteger capacity,
        BigInteger unallocated,
        Duration shutdownTime,
        int sanitize,
        List<PowerState> powerStates) {

    public ControllerIdentity {
        capabilities = Set.copyOf(capabilities);
        powerStates = List.copyOf(powerStates);
    }

    /** Returns whether the controller has an ability. */
    public boolean has(Capability capability) {
        return capabilities.contains(capability);
    }

    /** What a controller may have or not. The field and bit of the structure is named with each. */
    public enum Capability {
        /** Security Send and Receive: OACS bit 0. */
        SECURITY,
        /** Format NVM: OACS bit 1. */
        FORMAT,
        /** Firmware Download and Commit: OACS bit 2. */
        FIRMWARE,
        /** Namespace Management and Attachment: OACS bit 3. */
        NAMESPACE_MANAGEMENT,
        /** Device Self-test: OACS bit 4. */
        SELF_TEST,
        /** Directives: OACS bit 5. */
        DIRECTIVES,
        /** NVMe-MI Send and Receive: OACS bit 6. */
        MANAGEMENT_INTERFACE,
        /** Virtualization Management: OACS bit 7. */
        VIRTUALIZATION,
        /** Doorbell Buffer Config: OACS bit 8. */
        DOORBELL_BUFFER,
        /** Get LBA Status: OACS bit 9. */
        LBA_STATUS,
        /** Compare: ONCS bit 0. */
        COMPARE,
        /** Write Uncorrectable: ONCS bit 1. */
        WRITE_UNCORRECTABLE,
        /** Dataset Management: ONCS bit 2. */
        DATASET_MANAGEMENT,
        /** Write Zeroes: ONCS bit 3. */
        WRITE_ZEROES,
        /** Saved features: ONCS bit 4. */
        SAVE_FEATURES,
        /** Reservations: ONCS bit 5. */
        RESERVATIONS,
        /** Timestamp: ONCS bit 6. */
        TIMESTAMP,
        /** Verify: ONCS bit 7. */
        VERIFY,
        /** Copy: ONCS bit 8 (NVMe Base 2.0). */
        COPY,
        /** Sanitize: SANICAP not zero. */
        SANITIZE,
        /** A format concerns all namespaces: FNA bit 0. */
        FORMAT_CONCERNS_ALL,
        /** An erase with a format concerns all namespaces: FNA bit 1. */
        ERASE_CONCERNS_ALL,
        /** Cryptographic erase: FNA bit 2. */
        CRYPTOGRAPHIC_ERASE,
        /** A volatile write cache: VWC bit 0. */
        WRITE_CACHE,
        /** SMART per namespace: LPA bit 0. */
        SMART_PER_NAMESPACE,
        /** Log pages with an offset: LPA bit 2. */
        LOG_OFFSET,
        /** Namespace attribute notices: OAES bit 8. */
        NAMESPACE_EVENTS,
        /** Firmware activation notices: OAES bit 9. */
        FIRMWARE_EVENTS,
        /** SGLs for I/O commands: SGLS bits 1:0 not zero. */
        SGL
    }

    /**
     * A power state (figure 248).
     *
     * @param number from 0
     * @param milliwatts the most power it takes (MP), 0 if not reported
     * @param operational whether I/O commands are carried out in it (NOPS = 0)
     * @param entryLatency the longest that it takes to enter it (ENLAT)
     * @param exitLatency the longest that it takes to leave it (EXLAT)
     */
    public record PowerState(
            int number, long milliwatts, boolean operational, Duration entryLatency, Duration exitLatency) {}
}
