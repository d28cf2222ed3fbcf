package org.busbar.pci.internal.tap;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.busbar.net.tap.TapDevice;
import org.busbar.net.tap.TapDevices;
import org.busbar.net.tap.TapException;
import org.busbar.net.tap.TapException.Reason;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.TapCalls;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Opens TAP interfaces by {@code /dev/net/tun}. */
@Component(service = TapDevices.class)
public final class LinuxTapDevices implements TapDevices {

    private static final Pattern NAME = Pattern.compile("[!-~&&[^/:%]]{1,15}");

    private final Set<LinuxTap> open = ConcurrentHashMap.newKeySet();

    @Override
    public TapDevice open(String name) throws TapException {
        if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no name of an interface: 1 to 15 characters without space, '/', ':' and '%'");
        }
        Fd fd = attach(name);
        try {
            LinuxTap tap =
                    new LinuxTap(name, fd, TapCalls.socket(), EventCalls.eventfd("wake-up of TAP " + name), open);
            open.add(tap);
            return tap;
        } catch (ErrnoException e) {
            fd.close();
            throw new TapException(Reason.FAILED, "the TAP interface " + name + " cannot be used: " + e.getMessage(),
                    e);
        }
    }

    private static Fd attach(String name) throws TapException {
        try {
            return TapCalls.open(name);
        } catch (ErrnoException e) {
            throw refused(name, e);
        }
    }

    static TapException refused(String name, ErrnoException e) {
        boolean opening = e.call().equals("open");
        return switch (e.errno()) {
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                new TapException(
                        Reason.NOT_AVAILABLE,
                        "there is no " + TapCalls.PATH
                                + ": the kernel lacks TAP interfaces ('modprobe tun' as root), or the"
                                + " container has not been given the device",
                        e);
            case Errno.EPERM, Errno.EACCES ->
                new TapException(
                        Reason.NOT_PERMITTED,
                        opening
                                ? TapCalls.PATH + " may not be opened: " + e.errnoName() + "; root has to permit that"
                                : "the TAP interface " + name
                                        + " may not be made or opened: that needs CAP_NET_ADMIN, or an"
                                        + " interface that root has made for this user: ip tuntap add dev " + name
                                        + " mode tap user " + System.getProperty("user.name"),
                        e);
            case Errno.EBUSY ->
                new TapException(Reason.BUSY, "another program has the TAP interface " + name + ", or this one has", e);
            case Errno.EINVAL ->
                new TapException(
                        Reason.OTHER_KIND,
                        "the interface " + name
                                + " is there and is no TAP interface with one queue; choose another name",
                        e);
            default ->
                new TapException(
                        Reason.FAILED, "the TAP interface " + name + " cannot be opened: " + e.getMessage(), e);
        };
    }

    /** What is still open is given back. */
    @Deactivate
    void closeAll() {
        open.forEach(LinuxTap::close);
    }
}
