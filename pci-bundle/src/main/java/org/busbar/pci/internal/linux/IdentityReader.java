package org.busbar.pci.internal.linux;

import java.nio.charset.StandardCharsets;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.internal.sys.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a device says it is: from its {@code uevent} file, which is one small read, and where that is of no use from
 * one file for each number. Never from {@code config}: in a virtual machine each access to it traps. One thread at a
 * time.
 */
final class IdentityReader {

    private final AttributeReader files = new AttributeReader();
    private final UeventText uevent = new UeventText();
    private String problem = "";

    /** Returns what the device at an address says it is, or null if that cannot be read. */
    @Nullable
    PciIds read(int directory, PciAddress address) {
        byte[] name = address.toString().getBytes(StandardCharsets.US_ASCII);
        return read(directory, name, name.length);
    }

    /** Returns what the device says it is, or null if that cannot be read: {@link #problem} says why. */
    @Nullable
    PciIds read(int directory, byte[] name, int length) {
        int got = files.read(directory, name, length, AttributeReader.UEVENT);
        if (got >= 0) {
            uevent.parseFile(files.content(), got);
            if (uevent.hasIdentity()) {
                return uevent.ids();
            }
        }
        PciIds ids = fromSingleFiles(directory, name, length);
        if (ids == null) {
            problem = describe(got, new String(name, 0, length, StandardCharsets.ISO_8859_1));
        }
        return ids;
    }

    private @Nullable PciIds fromSingleFiles(int directory, byte[] name, int length) {
        int vendor = files.readHex(directory, name, length, AttributeReader.VENDOR, 4);
        int device = vendor < 0 ? -1 : files.readHex(directory, name, length, AttributeReader.DEVICE, 4);
        int classCode = device < 0 ? -1 : files.readHex(directory, name, length, AttributeReader.CLASS, 6);
        if (classCode < 0) {
            return null;
        }
        int subsystemVendor = files.readHex(directory, name, length, AttributeReader.SUBSYSTEM_VENDOR, 4);
        int subsystemDevice = files.readHex(directory, name, length, AttributeReader.SUBSYSTEM_DEVICE, 4);
        return new PciIds(vendor, device, Math.max(subsystemVendor, 0), Math.max(subsystemDevice, 0), classCode);
    }

    private static String describe(int got, String name) {
        if (got >= 0) {
            return name + "/uevent has no PCI_CLASS=... and PCI_ID=vendor:device lines (" + got
                    + " bytes read), and there are no vendor, device and class files instead; the device is left out."
                    + " Compare with the same file of another device, or repair the tree";
        }
        String remedy = switch (-got) {
            case Errno.EACCES, Errno.EPERM -> "let this user read it (chmod a+r)";
            case Errno.ENOENT -> "the device is just going, or the tree is incomplete: add the file";
            case Errno.EISDIR, Errno.ENOTDIR, Errno.ELOOP -> "the tree is broken there: it should be a regular file";
            case Errno.EMFILE -> "too many files are open: raise the limit (ulimit -n)";
            default -> "see the kernel's log (dmesg)";
        };
        return name + "/uevent cannot be read (" + Errno.name(-got) + "): " + remedy
                + ". The device is left out until it can be read";
    }

    /** Returns why the last device could not be read. */
    String problem() {
        return problem;
    }
}
