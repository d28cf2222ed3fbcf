package org.busbar.lab.compliance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.util.Map;
import org.busbar.pci.DmaBuffer;

/** Identify (section 5.15), and what holds for all admin commands. */
final class IdentifyCases {

    private static final int IDENTIFY = 0x06;
    private static final int NAMESPACE = 0;
    private static final int CONTROLLER = 1;
    private static final int ACTIVE_NAMESPACES = 2;
    private static final int PAGE = 4096;

    private IdentifyCases() {}

    static Map<String, Case> all() {
        return Map.of(
                "identify-controller", IdentifyCases::controller,
                "identify-data-pointer", IdentifyCases::dataPointer,
                "identify-namespace", IdentifyCases::namespace,
                "identify-cns", IdentifyCases::reservedStructure,
                "fused-and-sgl", IdentifyCases::fusedAndSgl,
                "opcodes", IdentifyCases::opcodes);
    }

    static Command identify(int cns, int nsid, long address) {
        return new Command(IDENTIFY).nsid(nsid).prp(address, 0).cdw(10, cns);
    }

    /** Reads a field of one, two or four bytes of Identify Controller (figure 247). */
    static int controllerField(RawController c, int offset, int bytes) throws Exception {
        DmaBuffer data = c.allocate(PAGE);
        Expect.status(c, "Identify Controller", identify(CONTROLLER, 0, data.address()), Expect.SUCCESS);
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (data.memory().get(JAVA_BYTE, offset + i) & 0xff) << (8 * i);
        }
        return value;
    }

    private static void controller(RawController c) throws Exception {
        Expect.equal("SQES", controllerField(c, 512, 1) & 0xf, 6);
        Expect.equal("CQES", controllerField(c, 513, 1) & 0xf, 4);
        Expect.that(controllerField(c, 516, 4) > 0, "NN is 0");
        Expect.that(controllerField(c, 80, 4) != 0, "VER is 0");
    }

    /** Section 4.3: the first entry may point into a page, the second may not. */
    private static void dataPointer(RawController c) throws Exception {
        DmaBuffer whole = c.allocate(PAGE);
        DmaBuffer parts = c.allocate(2 * PAGE);
        Expect.status(c, "Identify", identify(CONTROLLER, 0, whole.address()), Expect.SUCCESS);
        int offset = PAGE - 512;
        Expect.status(
                c,
                "Identify into two pages",
                new Command(IDENTIFY).prp(parts.address() + offset, parts.address() + PAGE).cdw(10, CONTROLLER),
                Expect.SUCCESS);
        Expect.that(
                whole.memory().mismatch(parts.memory().asSlice(offset, PAGE)) == -1,
                "what is identified into two pages differs");
        Expect.status(
                c,
                "Identify with an offset in PRP 2",
                new Command(IDENTIFY).prp(parts.address() + offset, parts.address() + 256).cdw(10, CONTROLLER),
                Expect.INVALID_PRP_OFFSET,
                Expect.INVALID_FIELD);
    }

    /** Section 5.15.2.1: invalid, inactive and active identifiers. */
    private static void namespace(RawController c) throws Exception {
        int namespaces = controllerField(c, 516, 4);
        DmaBuffer data = c.allocate(PAGE);
        Expect.status(c, "Identify of namespace 0", identify(NAMESPACE, 0, data.address()), Expect.INVALID_NAMESPACE);
        Expect.status(
                c,
                "Identify of namespace NN + 1",
                identify(NAMESPACE, namespaces + 1, data.address()),
                Expect.INVALID_NAMESPACE);
        DmaBuffer list = c.allocate(PAGE);
        Expect.status(c, "the list of namespaces", identify(ACTIVE_NAMESPACES, 0, list.address()), Expect.SUCCESS);
        int active = list.memory().get(JAVA_INT, 0);
        Expect.that(active > 0 && active <= namespaces, "the first active namespace is " + active);
        Expect.status(c, "Identify", identify(NAMESPACE, active, data.address()), Expect.SUCCESS);
        Expect.that(data.memory().get(JAVA_LONG, 0) > 0, "NSZE of an active namespace is 0");
        int inactive = inactive(list, namespaces);
        if (inactive > 0) {
            data.memory().fill((byte) 0xff);
            Expect.status(c, "Identify", identify(NAMESPACE, inactive, data.address()), Expect.SUCCESS);
            Expect.equal("NSZE of an inactive namespace", data.memory().get(JAVA_LONG, 0), 0);
        }
        Expect.status(
                c,
                "the list of namespaces above 0xfffffffe",
                identify(ACTIVE_NAMESPACES, 0xffff_fffe, list.address()),
                Expect.INVALID_NAMESPACE);
    }

    /** The list is in ascending order and ends with 0. */
    private static int inactive(DmaBuffer list, int namespaces) {
        for (int i = 0; i < Math.min(namespaces, PAGE / 4); i++) {
            if (list.memory().get(JAVA_INT, 4L * i) != i + 1) {
                return i + 1;
            }
        }
        return 0;
    }

    private static void reservedStructure(RawController c) throws Exception {
        DmaBuffer data = c.allocate(PAGE);
        Expect.status(c, "Identify with CNS 0xff", identify(0xff, 0, data.address()), Expect.INVALID_FIELD);
    }

    /** Sections 4.2 and 4.4: no fused admin commands; no SGLs for admin commands over PCIe. */
    private static void fusedAndSgl(RawController c) throws Exception {
        DmaBuffer data = c.allocate(PAGE);
        for (int fuse = 1; fuse <= 3; fuse++) {
            Expect.status(
                    c,
                    "Identify with FUSE " + fuse,
                    identify(CONTROLLER, 0, data.address()).flags(fuse),
                    Expect.INVALID_FIELD);
        }
        for (int psdt = 1; psdt <= 3; psdt++) {
            Expect.status(
                    c,
                    "Identify with PSDT " + psdt,
                    identify(CONTROLLER, 0, data.address()).flags(psdt << 6),
                    Expect.INVALID_FIELD);
        }
    }

    /** Figure 139: unknown commands, and those of NVMe over Fabrics, Property Get and Keep Alive's neighbour among them. */
    private static void opcodes(RawController c) throws Exception {
        for (int opcode : new int[] {0x03, 0x07, 0x7f, 0xff}) {
            Expect.status(c, "opcode 0x%02x".formatted(opcode), new Command(opcode), Expect.INVALID_OPCODE);
        }
    }
}
