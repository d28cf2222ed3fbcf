package org.busbar.nvme;

/**
 * A command as the controller sees it (section 4.2, figure 105), without identifier and data pointer, which the driver
 * fills in.
 *
 * @param opcode 0 to 255
 * @param nsid namespace identifier, 0 if none
 * @param dword2 command dword 2
 * @param dword3 command dword 3
 * @param dword10 command dword 10
 * @param dword11 command dword 11
 * @param dword12 command dword 12
 * @param dword13 command dword 13
 * @param dword14 command dword 14
 * @param dword15 command dword 15
 */
public record NvmeCommand(
        int opcode,
        int nsid,
        int dword2,
        int dword3,
        int dword10,
        int dword11,
        int dword12,
        int dword13,
        int dword14,
        int dword15) {

    public NvmeCommand {
        if (opcode < 0 || opcode > 255) {
            throw new IllegalArgumentException("an opcode is 0 to 255, not " + opcode);
        }
    }

    /** Returns a command whose dwords 2, 3 and 10 to 15 are zero. */
    public static NvmeCommand of(int opcode, int nsid) {
        return new NvmeCommand(opcode, nsid, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Returns the same command with other dwords 10 to 15. */
    public NvmeCommand with(int cdw10, int cdw11, int cdw12, int cdw13, int cdw14, int cdw15) {
        return new NvmeCommand(opcode, nsid, dword2, dword3, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15);
    }

    /** Returns whether the opcode says that data goes to the controller (bits 1:0 = 01b). */
    public boolean sends() {
        return (opcode & 3) == 1;
    }

    /** Returns whether the opcode says that data comes from the controller (bits 1:0 = 10b). */
    public boolean receives() {
        return (opcode & 3) == 2;
    }
}
