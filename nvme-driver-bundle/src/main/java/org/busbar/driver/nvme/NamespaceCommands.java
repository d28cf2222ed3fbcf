package org.busbar.driver.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.ControllerIdentity.Capability;
import org.busbar.nvme.FormatRequest;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeException;

/** Attaches, detaches and formats namespaces (NVMe Base 1.4, sections 5.19 and 5.23). */
final class NamespaceCommands {

    private static final int LIST_BYTES = 4096;
    private static final int SELECT_ATTACH = 0;
    private static final int SELECT_DETACH = 1;

    private final AdminPort admin;

    NamespaceCommands(AdminPort admin) {
        this.admin = admin;
    }

    void attach(int nsid, ControllerIdentity controller, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        attachment("Namespace Attachment (attach)", SELECT_ATTACH, nsid, controller, deadline);
    }

    void detach(int nsid, ControllerIdentity controller, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        attachment("Namespace Attachment (detach)", SELECT_DETACH, nsid, controller, deadline);
    }

    /** The data is a controller list (figure 251): how many, and their identifiers. */
    private void attachment(String what, int select, int nsid, ControllerIdentity controller, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        require(controller, Capability.NAMESPACE_MANAGEMENT, "namespace management (OACS bit 3)");
        ByteBuffer list = ByteBuffer.allocate(LIST_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        list.putShort(0, (short) 1).putShort(2, (short) controller.controllerId());
        Transfer transfer = admin.transfer(what, LIST_BYTES);
        transfer.put(list);
        NvmeCommand command = NvmeCommand.of(Opcode.NAMESPACE_ATTACHMENT, nsid).with(select, 0, 0, 0, 0, 0);
        NvmeCompletion completion = admin.execute(what, command, transfer, deadline);
        transfer.close();
        AdminPort.requireSuccess(what, completion);
    }

    /** Returns which of the namespaces that are offered a format would concern. */
    static List<Integer> concerned(FormatRequest request, ControllerIdentity controller, List<NamespaceInfo> offered) {
        boolean all = request.nsid() == NvmeController.ALL_NAMESPACES
                || controller.has(Capability.FORMAT_CONCERNS_ALL)
                || (request.erase() != FormatRequest.Erase.NONE && controller.has(Capability.ERASE_CONCERNS_ALL));
        return offered.stream().map(NamespaceInfo::nsid).filter(nsid -> all || nsid == request.nsid()).toList();
    }

    /** @throws UnsupportedOperationException if the controller has no such format */
    static void requireFormat(FormatRequest request, ControllerIdentity controller) {
        require(controller, Capability.FORMAT, "Format NVM (OACS bit 1)");
        if (request.erase() == FormatRequest.Erase.CRYPTOGRAPHIC) {
            require(controller, Capability.CRYPTOGRAPHIC_ERASE, "cryptographic erase (FNA bit 2)");
        }
    }

    /** CDW10: LBAF 3:0, MSET 4, PI 7:5, PIL 8, SES 11:9 (figure 328). */
    void format(FormatRequest request, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        int cdw10 = request.format()
                | (request.metadataInline() ? 1 << 4 : 0)
                | request.protection() << 5
                | (request.protectionFirst() ? 1 << 8 : 0)
                | request.erase().code() << 9;
        admin.run(
                "Format NVM", NvmeCommand.of(Opcode.FORMAT_NVM, request.nsid()).with(cdw10, 0, 0, 0, 0, 0), deadline);
    }

    private static void require(ControllerIdentity controller, Capability capability, String what) {
        if (!controller.has(capability)) {
            throw new UnsupportedOperationException("the controller does not have " + what);
        }
    }
}
