package org.busbar.driver.nvme;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.ControllerIdentity.Capability;
import org.busbar.nvme.ControllerIdentity.PowerState;

/**
 * Reads Identify Controller (NVMe Base 1.4, section 5.15.2.2, figure 247). Whatever the controller has put there, reading
 * it succeeds: each value is taken as it is, and who uses it decides what it may be.
 */
final class ControllerPage {

    private static final int OAES = 92;
    private static final int OACS = 256;
    private static final int FRMW = 260;
    private static final int LPA = 261;
    private static final int ONCS = 520;
    private static final int FNA = 524;
    private static final int VWC = 525;
    private static final int SGLS = 536;
    private static final int SANICAP = 328;
    private static final int POWER_STATES = 2048;

    private static final Capability[] OACS_BITS = {Capability.SECURITY, Capability.FORMAT, Capability.FIRMWARE,
        Capability.NAMESPACE_MANAGEMENT, Capability.SELF_TEST, Capability.DIRECTIVES, Capability.MANAGEMENT_INTERFACE,
        Capability.VIRTUALIZATION, Capability.DOORBELL_BUFFER, Capability.LBA_STATUS};
    private static final Capability[] ONCS_BITS = {Capability.COMPARE, Capability.WRITE_UNCORRECTABLE,
        Capability.DATASET_MANAGEMENT, Capability.WRITE_ZEROES, Capability.SAVE_FEATURES, Capability.RESERVATIONS,
        Capability.TIMESTAMP, Capability.VERIFY, Capability.COPY};
    private static final Capability[] FNA_BITS =
            {Capability.FORMAT_CONCERNS_ALL, Capability.ERASE_CONCERNS_ALL, Capability.CRYPTOGRAPHIC_ERASE};

    private ControllerPage() {}

    /**
     * @param minPageShift CAP.MPSMIN, the unit of MDTS, as a power of two
     * @param versionRegister VS, for controllers before 1.2, whose VER is zero
     */
    static ControllerIdentity parse(Fields page, int minPageShift, int versionRegister) {
        int mdts = page.u8(77);
        int shift = mdts + minPageShift;
        int version = page.s32(80) != 0 ? page.s32(80) : versionRegister;
        return new ControllerIdentity(
                page.u16(0),
                page.u16(2),
                page.text(4, 20),
                page.text(24, 40),
                page.text(64, 8),
                page.u8(73) | page.u8(74) << 8 | page.u8(75) << 16,
                page.u16(78),
                "%d.%d.%d".formatted(version >>> 16, version >>> 8 & 0xff, version & 0xff),
                page.text(768, 256),
                mdts == 0 || shift > 62 ? Long.MAX_VALUE : 1L << shift,
                page.u32(516),
                capabilities(page),
                page.u8(258) + 1,
                page.u8(259) + 1,
                page.u8(262) + 1,
                page.u8(FRMW) >>> 1 & 7,
                page.u16(266),
                page.u16(268),
                page.u128(280),
                page.u128(296),
                Duration.of(page.u32(88), ChronoUnit.MICROS),
                page.s32(SANICAP),
                powerStates(page));
    }

    private static Set<Capability> capabilities(Fields page) {
        Set<Capability> all = EnumSet.noneOf(Capability.class);
        add(all, page, OACS, OACS_BITS);
        add(all, page, ONCS, ONCS_BITS);
        add(all, page, FNA, FNA_BITS);
        add(all, page.bit(VWC, 0), Capability.WRITE_CACHE);
        add(all, page.bit(LPA, 0), Capability.SMART_PER_NAMESPACE);
        add(all, page.bit(LPA, 2), Capability.LOG_OFFSET);
        add(all, page.bit(OAES, 8), Capability.NAMESPACE_EVENTS);
        add(all, page.bit(OAES, 9), Capability.FIRMWARE_EVENTS);
        add(all, (page.s32(SGLS) & 3) != 0, Capability.SGL);
        add(all, (page.s32(SANICAP) & 7) != 0, Capability.SANITIZE);
        return all;
    }

    private static void add(Set<Capability> all, Fields page, int field, Capability[] bits) {
        for (int bit = 0; bit < bits.length; bit++) {
            add(all, page.bit(field, bit), bits[bit]);
        }
    }

    private static void add(Set<Capability> all, boolean has, Capability capability) {
        if (has) {
            all.add(capability);
        }
    }

    /** Power state descriptors (figure 248): NPSS, from zero, says how many. */
    private static List<PowerState> powerStates(Fields page) {
        List<PowerState> states = new ArrayList<>();
        int count = Math.min(page.u8(263), 31) + 1;
        for (int i = 0; i < count; i++) {
            int at = POWER_STATES + 32 * i;
            boolean fine = page.bit(at + 3, 0); // MXPS: the unit is 0.0001 W instead of 0.01 W
            states.add(new PowerState(
                    i,
                    fine ? page.u16(at) / 10 : page.u16(at) * 10L,
                    !page.bit(at + 3, 1),
                    Duration.of(page.u32(at + 4), ChronoUnit.MICROS),
                    Duration.of(page.u32(at + 8), ChronoUnit.MICROS)));
        }
        return states;
    }
}
