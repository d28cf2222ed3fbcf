package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class UeventSocketTest {

    @Test
    void structuresHaveTheKernelsSizes() {
        assertThat(UeventSocket.SOCKADDR_NL.byteSize()).isEqualTo(12);
        assertThat(UeventSocket.IOVEC.byteSize()).isEqualTo(16);
        assertThat(UeventSocket.MSGHDR.byteSize()).isEqualTo(56);
        // CMSG_SPACE(sizeof(struct ucred))
        assertThat(UeventSocket.CREDENTIALS.byteSize()).isEqualTo(32);
    }

    @Test
    void withoutMessagesItDoesNotBlock() throws Exception {
        try (UeventSocket socket = UeventSocket.open(8192, 1 << 20)) {
            byte[] bytes = new byte[8192];
            int got;
            do {
                got = socket.receive(bytes);
            } while (got >= 0);
            assertThat(got).isEqualTo(-Errno.EAGAIN);
        }
    }

    @Test
    void L11_messageThatTheKernelDidNotSendIsDropped() throws Throwable {
        String forged = "add@/x\0ACTION=add\0SUBSYSTEM=pci\0PCI_SLOT_NAME=0000:02:00.0\0";
        try (UeventSocket socket = UeventSocket.open(8192, 1 << 20);
                Arena arena = Arena.ofConfined()) {
            send(socket.fd().number(), portOf(socket, arena), forged, arena);
            MemorySegment fds = arena.allocate(EventCalls.POLLFD);
            EventCalls.setPoll(fds, 0, socket.fd().number(), EventCalls.POLLIN);
            assertThat(EventCalls.poll(fds, 10_000)).isEqualTo(1);
            byte[] bytes = new byte[8192];
            boolean dropped = false;
            int got = socket.receive(bytes);
            while (got >= 0) {
                dropped |= got == 0;
                assertThat(new String(bytes, 0, got, StandardCharsets.ISO_8859_1)).isNotEqualTo(forged);
                got = socket.receive(bytes);
            }
            assertThat(dropped).isTrue();
        }
    }

    /** Sends to the port of a socket from the socket itself: from a program, whoever it is run by, not from the kernel. */
    private static void send(int fd, int port, String text, Arena arena) throws Throwable {
        MemorySegment bytes = arena.allocateFrom(text, StandardCharsets.ISO_8859_1);
        MemorySegment to = arena.allocate(UeventSocket.SOCKADDR_NL);
        to.set(JAVA_SHORT, 0, (short) 16);
        to.set(JAVA_INT, 4, port);
        MethodHandle sendto = link("sendto",
                FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
        long sent = (long) sendto.invokeExact(fd, bytes, bytes.byteSize(), 0, to, (int) to.byteSize());
        assertThat(sent).isEqualTo(bytes.byteSize());
    }

    private static int portOf(UeventSocket socket, Arena arena) throws Throwable {
        MemorySegment name = arena.allocate(UeventSocket.SOCKADDR_NL);
        MemorySegment length = arena.allocate(JAVA_INT);
        length.set(JAVA_INT, 0, (int) name.byteSize());
        MethodHandle getsockname =
                link("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
        assertThat((int) getsockname.invokeExact(socket.fd().number(), name, length)).isZero();
        return name.get(JAVA_INT, 4);
    }

    private static MethodHandle link(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
    }
}
