package org.busbar.driver.nvme;

import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeException;
import org.jspecify.annotations.Nullable;

/** Asks a controller what it is and what it has: the Identify command (NVMe Base 1.4, section 5.15). Thread-safe. */
final class Identify {

    static final int BYTES = 4096;
    private static final int PER_PAGE = BYTES / 4;

    /** The most namespaces that are looked at: more than any controller has, and an end to a list that has none. */
    private static final int MAX_NAMESPACES = 1 << 16;

    private final AdminPort admin;
    private final Registers registers;
    private final Quirks quirks;

    Identify(AdminPort admin, Registers registers, Quirks quirks) {
        this.admin = admin;
        this.registers = registers;
        this.quirks = quirks;
    }

    /** Returns the data structure that CNS and NSID name. */
    byte[] page(int cns, int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        NvmeCommand command = NvmeCommand.of(Opcode.IDENTIFY, nsid).with(cns, 0, 0, 0, 0, 0);
        return admin.read("Identify (CNS %02xh)".formatted(cns), command, BYTES, deadline);
    }

    /** Returns what the controller says of itself; what of it concerns I/O is {@link IoSupport}'s. */
    Fields controllerPage(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        return Fields.of(page(Opcode.CNS_CONTROLLER, 0, deadline));
    }

    /**
     * Returns a list of namespaces, in ascending order: each page of 1,024 begins after the last identifier of the one
     * before (5.15.2.3).
     *
     * @throws NvmeException also if the controller's list does not ascend
     */
    List<Integer> namespaces(int cns, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        List<Integer> all = new ArrayList<>();
        int last = 0;
        while (all.size() < MAX_NAMESPACES) {
            Fields page = Fields.of(page(cns, last, deadline));
            for (int i = 0; i < PER_PAGE; i++) {
                int nsid = page.s32(4L * i);
                if (nsid == 0) {
                    return all;
                }
                if (Integer.compareUnsigned(nsid, last) <= 0) {
                    throw new NvmeException(AdminQueue.HOST, "the controller's list of namespaces does not ascend: "
                            + Integer.toUnsignedString(nsid) + " after " + Integer.toUnsignedString(last));
                }
                all.add(nsid);
                last = nsid;
            }
        }
        throw new NvmeException(AdminQueue.HOST, "the controller's list of namespaces does not end");
    }

    /** Returns the active namespaces; from a controller that has no such list, those that NN allows. */
    List<Integer> activeNamespaces(ControllerIdentity controller, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        if (registers.versionAtLeast(1, 1) && !quirks.has(Quirks.Quirk.NO_NAMESPACE_LIST)) {
            return namespaces(Opcode.CNS_ACTIVE_NAMESPACES, deadline);
        }
        List<Integer> all = new ArrayList<>();
        for (int nsid = 1; nsid <= Math.min(controller.namespaces(), PER_PAGE); nsid++) {
            all.add(nsid);
        }
        return all;
    }

    /** Returns what a namespace is. One that is not active has zero blocks. */
    NamespaceIdentity namespace(int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return namespace(Opcode.CNS_NAMESPACE, nsid, deadline);
    }

    /** Returns what a namespace is that need not be attached. */
    NamespaceIdentity allocatedNamespace(int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return namespace(Opcode.CNS_ALLOCATED_NAMESPACE, nsid, deadline);
    }

    /** Returns an active namespace as the data path sees it. */
    NamespaceInfo info(int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        Fields page = Fields.of(page(Opcode.CNS_NAMESPACE, nsid, deadline));
        NamespaceIdentity identity = parse(Opcode.CNS_NAMESPACE, nsid, page, deadline);
        int guards = identity.protection() == 0 ? NamespaceInfo.GUARD_16 : guards(identity, deadline);
        return new NamespaceInfo(identity, CopyLimits.parse(page.page()), guards);
    }

    /** How long guards are (NVM Command Set 1.0, section 4.1.5.3, ELBAF), which 2.0 introduced and need not be told. */
    private int guards(NamespaceIdentity identity, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        if (!registers.versionAtLeast(2, 0)) {
            return NamespaceInfo.GUARD_16;
        }
        try {
            Fields page = Fields.of(page(Opcode.CNS_NVM_NAMESPACE, identity.nsid(), deadline));
            return NamespacePage.guards(page, identity.format());
        } catch (NvmeException refused) {
            return NamespaceInfo.GUARD_16;
        }
    }

    private NamespaceIdentity namespace(int cns, int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return parse(cns, nsid, Fields.of(page(cns, nsid, deadline)), deadline);
    }

    private NamespaceIdentity parse(int cns, int nsid, Fields page, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        if (quirks.has(Quirks.Quirk.BOGUS_IDENTIFIERS)) {
            return NamespacePage.withoutIdentifiers(nsid, page);
        }
        return NamespacePage.parse(nsid, page, cns == Opcode.CNS_NAMESPACE ? descriptors(nsid, deadline) : null);
    }

    /** The identification descriptors, which 1.3 introduced and which a controller may still refuse. */
    private @Nullable Fields descriptors(int nsid, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        if (!registers.versionAtLeast(1, 3) || quirks.has(Quirks.Quirk.NO_DESCRIPTORS)) {
            return null;
        }
        try {
            return Fields.of(page(Opcode.CNS_DESCRIPTORS, nsid, deadline));
        } catch (NvmeException refused) {
            return null;
        }
    }
}
