package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** TAP interfaces ({@code linux/if_tun.h}) and the settings of interfaces ({@code linux/sockios.h}, netdevice(7)). */
public final class TapCalls {

    /** Where TAP interfaces come from. */
    public static final String PATH = "/dev/net/tun";

    /** {@code IFNAMSIZ}, with the byte of zero at the end. */
    public static final int NAME_BYTES = 16;

    /** {@code struct ifreq}: a name and a union. */
    public static final StructLayout IFREQ = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(NAME_BYTES, JAVA_BYTE).withName("ifr_name"),
            MemoryLayout.sequenceLayout(3, JAVA_LONG).withName("ifr_ifru"));

    private static final long TUNSETIFF = 0x4004_54caL;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCSIFHWADDR = 0x8924;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final short IFF_TAP = 0x0002;
    private static final short IFF_NO_PI = 0x1000;
    private static final short IFF_UP = 0x0001;
    private static final short ARPHRD_ETHER = 1;
    private static final int UNION = NAME_BYTES;
    private static final int ADDRESS_BYTES = 6;

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = FileCalls.O_CLOEXEC;

    private static final FunctionDescriptor TRANSFER = FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle READ = Native.link("read", TRANSFER);
    private static final MethodHandle WRITE = Native.link("write", TRANSFER);
    private static final MethodHandle SOCKET =
            Native.link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

    private TapCalls() {}

    /** Opens a TAP interface, without blocking and without a header before each frame. */
    public static Fd open(String name) throws ErrnoException {
        Fd fd = FileCalls.open(PATH, FileCalls.O_RDWR | FileCalls.O_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            request.set(JAVA_SHORT, UNION, (short) (IFF_TAP | IFF_NO_PI));
            IoctlCalls.ioctl(fd, TUNSETIFF, request, "TUNSETIFF " + name);
            return new Fd(fd.release(), "TAP " + name);
        } finally {
            fd.close();
        }
    }

    /** Opens what settings of interfaces go through. */
    public static Fd socket() throws ErrnoException {
        MemorySegment state = Native.state();
        int result;
        try {
            result = Native.result((int) SOCKET.invokeExact(state, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result < 0) {
            throw new ErrnoException("socket", -result, "AF_INET, SOCK_DGRAM");
        }
        return new Fd(result, "socket for settings of interfaces");
    }

    private static MemorySegment request(Arena arena, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length >= NAME_BYTES) {
            throw new IllegalArgumentException("'" + name + "' is too long for the name of an interface");
        }
        MemorySegment request = arena.allocate(IFREQ);
        MemorySegment.copy(bytes, 0, request, JAVA_BYTE, 0, bytes.length);
        return request;
    }

    /** Returns the MTU of an interface. */
    public static int mtu(Fd socket, String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            IoctlCalls.ioctl(socket, SIOCGIFMTU, request, "SIOCGIFMTU " + name);
            return request.get(JAVA_INT, UNION);
        }
    }

    /** Sets the MTU of an interface. */
    public static void mtu(Fd socket, String name, int bytes) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            request.set(JAVA_INT, UNION, bytes);
            IoctlCalls.ioctl(socket, SIOCSIFMTU, request, "SIOCSIFMTU " + name);
        }
    }

    /** Returns whether an interface is up. */
    public static boolean isUp(Fd socket, String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return (flags(socket, request(arena, name), name) & IFF_UP) != 0;
        }
    }

    /** Sets an interface up or down. */
    public static void up(Fd socket, String name, boolean on) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            short flags = flags(socket, request, name);
            request.set(JAVA_SHORT, UNION, (short) (on ? flags | IFF_UP : flags & ~IFF_UP));
            IoctlCalls.ioctl(socket, SIOCSIFFLAGS, request, "SIOCSIFFLAGS " + name);
        }
    }

    private static short flags(Fd socket, MemorySegment request, String name) throws ErrnoException {
        IoctlCalls.ioctl(socket, SIOCGIFFLAGS, request, "SIOCGIFFLAGS " + name);
        return request.get(JAVA_SHORT, UNION);
    }

    /** Returns the Ethernet address of an interface, first octet most significant. */
    public static long mac(Fd socket, String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            IoctlCalls.ioctl(socket, SIOCGIFHWADDR, request, "SIOCGIFHWADDR " + name);
            long mac = 0;
            for (int i = 0; i < ADDRESS_BYTES; i++) {
                mac = mac << 8 | (request.get(JAVA_BYTE, UNION + 2L + i) & 0xff);
            }
            return mac;
        }
    }

    /** Sets the Ethernet address of an interface. */
    public static void mac(Fd socket, String name, long mac) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            request.set(JAVA_SHORT, UNION, ARPHRD_ETHER);
            for (int i = 0; i < ADDRESS_BYTES; i++) {
                request.set(JAVA_BYTE, UNION + 2L + i, (byte) (mac >>> (40 - 8 * i)));
            }
            IoctlCalls.ioctl(socket, SIOCSIFHWADDR, request, "SIOCSIFHWADDR " + name);
        }
    }

    /** Reads a frame into native memory; returns its length, or a negated errno. */
    public static long read(int fd, MemorySegment buffer, long bytes) {
        MemorySegment state = Native.state();
        try {
            return Native.result((long) READ.invokeExact(state, fd, buffer, bytes), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /** Writes a frame from native memory; returns its length, or a negated errno. */
    public static long write(int fd, MemorySegment buffer, long bytes) {
        MemorySegment state = Native.state();
        try {
            return Native.result((long) WRITE.invokeExact(state, fd, buffer, bytes), state);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
