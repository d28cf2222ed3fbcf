package org.busbar.nvme;

/** The meaning of status codes (NVMe Base 1.4, section 4.6.1.2, figures 126 to 130; copy and zones: NVM command set 1.0). */
final class StatusText {

    private StatusText() {}

    static String of(int type, int code) {
        return switch (type) {
            case 0 -> generic(code);
            case 1 -> commandSpecific(code);
            case 2 -> media(code);
            case 3 -> path(code);
            case 7 -> "vendor specific";
            default -> "reserved status type";
        };
    }

    private static String generic(int code) {
        return switch (code) {
            case 0x00 -> "success";
            case 0x01 -> "the controller does not know the command";
            case 0x02 -> "a field of the command is invalid";
            case 0x03 -> "the command identifier is in use";
            case 0x04 -> "the data could not be transferred";
            case 0x05 -> "aborted, power is being lost";
            case 0x06 -> "internal error";
            case 0x07 -> "aborted on request";
            case 0x08 -> "aborted, its submission queue was deleted";
            case 0x09 -> "aborted, the other half of a fused command failed";
            case 0x0a -> "aborted, the other half of a fused command is missing";
            case 0x0b -> "no such namespace, or its format does not fit";
            case 0x0c -> "wrong sequence of commands";
            case 0x0d -> "invalid SGL segment";
            case 0x0e -> "invalid number of SGL descriptors";
            case 0x0f -> "invalid SGL length of data";
            case 0x10 -> "invalid SGL length of metadata";
            case 0x11 -> "invalid SGL descriptor type";
            case 0x12 -> "invalid use of the controller memory buffer";
            case 0x13 -> "invalid PRP offset";
            case 0x14 -> "the atomic write unit was exceeded";
            case 0x15 -> "operation denied";
            case 0x16 -> "invalid SGL offset";
            case 0x18 -> "inconsistent host identifier";
            case 0x19 -> "keep alive timer expired";
            case 0x1a -> "invalid keep alive timeout";
            case 0x1b -> "aborted by preemption";
            case 0x1c -> "sanitize failed";
            case 0x1d -> "sanitize in progress";
            case 0x1e -> "invalid granularity of an SGL data block";
            case 0x1f -> "not supported for a queue in the controller memory buffer";
            case 0x20 -> "the namespace is write protected";
            case 0x21 -> "interrupted, try again";
            case 0x22 -> "transient transport error";
            case 0x80 -> "LBA out of range";
            case 0x81 -> "capacity exceeded";
            case 0x82 -> "the namespace is not ready";
            case 0x83 -> "reservation conflict";
            case 0x84 -> "a format is in progress";
            default -> unknown(code);
        };
    }

    private static String commandSpecific(int code) {
        return switch (code) {
            case 0x00 -> "invalid completion queue";
            case 0x01 -> "invalid queue identifier";
            case 0x02 -> "invalid queue size";
            case 0x03 -> "too many abort commands";
            case 0x05 -> "too many asynchronous event requests";
            case 0x06 -> "invalid firmware slot";
            case 0x07 -> "invalid firmware image";
            case 0x08 -> "invalid interrupt vector";
            case 0x09 -> "no such log page";
            case 0x0a -> "invalid format";
            case 0x0b -> "the firmware needs a conventional reset";
            case 0x0c -> "the queue cannot be deleted yet";
            case 0x0d -> "the feature cannot be saved";
            case 0x0e -> "the feature cannot be changed";
            case 0x0f -> "the feature is not specific to a namespace";
            case 0x10 -> "the firmware needs an NVM subsystem reset";
            case 0x11 -> "the firmware needs a controller reset";
            case 0x12 -> "the firmware needs more time";
            case 0x13 -> "firmware activation is prohibited";
            case 0x14 -> "overlapping range";
            case 0x15 -> "not enough capacity for the namespace";
            case 0x16 -> "no namespace identifier is free";
            case 0x18 -> "the namespace is already attached";
            case 0x19 -> "the namespace is private to another controller";
            case 0x1a -> "the namespace is not attached";
            case 0x1b -> "thin provisioning is not supported";
            case 0x1c -> "invalid controller list";
            case 0x1d -> "a device self-test is in progress";
            case 0x1e -> "the boot partition cannot be written";
            case 0x1f -> "invalid controller identifier";
            case 0x20 -> "invalid state of a secondary controller";
            case 0x21 -> "invalid number of controller resources";
            case 0x22 -> "invalid resource identifier";
            case 0x23 -> "sanitize is prohibited while the persistent memory region is enabled";
            case 0x24 -> "invalid ANA group";
            case 0x25 -> "the ANA group could not be attached";
            case 0x80 -> "conflicting attributes";
            case 0x81 -> "invalid protection information";
            case 0x82 -> "attempted write to a read-only range";
            case 0x83 -> "the command exceeds a size limit";
            default -> unknown(code);
        };
    }

    private static String media(int code) {
        return switch (code) {
            case 0x80 -> "write fault";
            case 0x81 -> "unrecovered read error";
            case 0x82 -> "the guard check failed";
            case 0x83 -> "the application tag check failed";
            case 0x84 -> "the reference tag check failed";
            case 0x85 -> "the compared data differ";
            case 0x86 -> "access denied";
            case 0x87 -> "deallocated or unwritten block";
            default -> unknown(code);
        };
    }

    private static String path(int code) {
        return switch (code) {
            case 0x00 -> "internal path error";
            case 0x01 -> "asymmetric access persistently lost";
            case 0x02 -> "asymmetric access inaccessible";
            case 0x03 -> "asymmetric access in transition";
            case 0x60 -> "controller pathing error";
            case 0x70 -> "host pathing error";
            case 0x71 -> "aborted by the host";
            default -> unknown(code);
        };
    }

    private static String unknown(int code) {
        return code >= 0xc0 ? "vendor specific" : "reserved status code";
    }
}
