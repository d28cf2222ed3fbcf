package org.busbar.pci.internal.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.net.MacAddress;
import org.busbar.net.tap.TapDevice;
import org.busbar.net.tap.TapException;
import org.busbar.net.tap.TapException.Reason;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where TAP interfaces may be made here, with the kernel's own; elsewhere these tests are skipped, with the reason, and the VM
 * lab's scenario about {@code nic:tap} is what shows that they work.
 */
@Timeout(60)
class LinuxTapTest {

    private static final int COPIES = 20_000;
    private static final int MOST_ROUNDS = 100;

    private final LinuxTapDevices taps = new LinuxTapDevices();
    private final String name = "busbar" + ThreadLocalRandom.current().nextInt(1_000_000);

    @AfterEach
    void close() {
        taps.closeAll();
    }

    private TapDevice open() throws TapException {
        try {
            return taps.open(name);
        } catch (TapException e) {
            if (e.reason() == Reason.NOT_AVAILABLE || e.reason() == Reason.NOT_PERMITTED) {
                return abort("TAP interfaces cannot be made here: " + e.getMessage());
            }
            throw e;
        }
    }

    @Test
    void addressMtuAndStateAreSet() throws Exception {
        TapDevice tap = open();
        tap.changeMac(MacAddress.parse("52:54:00:12:34:56"));
        tap.changeMtu(9000);
        tap.up(true);

        assertThat(tap.name()).isEqualTo(name);
        assertThat(tap.mac()).hasToString("52:54:00:12:34:56");
        assertThat(tap.mtu()).isEqualTo(9000);
        assertThat(tap.isUp()).isTrue();
        tap.up(false);
        assertThat(tap.isUp()).isFalse();
        assertThatThrownBy(() -> tap.changeMtu(1_000_000))
                .isInstanceOf(TapException.class)
                .hasMessageContaining("the MTU of " + name + " is refused");
    }

    /** Raised, the kernel sends multicast of its own: neighbour discovery, or at least a router solicitation. */
    @Test
    void framesOfTheKernelAreReadAndOursTaken() throws Exception {
        TapDevice tap = open();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment frame = arena.allocate(2048);
            assertThat(tap.write(frame, 60)).as("taken while it is down").isFalse();
            tap.up(true);
            assertThat(tap.write(frame, 60)).isTrue();
            MemorySegment heap = MemorySegment.ofArray(new byte[2048]);
            assertThat(tap.write(heap, 60)).isTrue();
            for (int i = 0; i < 1000 && tap.read(i % 2 == 0 ? frame : heap) > 0; i++) {
                assertThat(frame.byteSize()).isEqualTo(2048);
            }
        }
    }

    @Test
    void framesAreCopiedWithoutGarbage() throws Exception {
        TapDevice tap = open();
        tap.up(true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment frame = arena.allocate(2048);
            MemorySegment heap = MemorySegment.ofArray(new byte[2048]);
            var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long perFrame = Long.MAX_VALUE;
            for (int round = 0; round < MOST_ROUNDS && perFrame > 0; round++) { // until it is compiled
                long before = threads.getCurrentThreadAllocatedBytes();
                copies(tap, frame, heap);
                perFrame = (threads.getCurrentThreadAllocatedBytes() - before) / COPIES;
            }
            assertThat(perFrame).as("bytes per frame").isZero();
        }
    }

    private static void copies(TapDevice tap, MemorySegment frame, MemorySegment heap) throws TapException {
        for (int i = 0; i < COPIES; i++) {
            MemorySegment either = i % 2 == 0 ? frame : heap;
            tap.write(either, 60);
            tap.read(either);
        }
    }

    @Test
    void aWaitEndsByADeadlineOrAWakeUp() throws Exception {
        TapDevice tap = open();
        assertThat(tap.awaitRead(Deadline.afterMillis(1))).isFalse();
        CountDownLatch waits = new CountDownLatch(1);
        CompletableFuture<Boolean> wait = CompletableFuture.supplyAsync(() -> {
            waits.countDown();
            try {
                return tap.awaitRead(Deadline.afterMillis(50_000));
            } catch (TapException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }, Thread.ofPlatform().daemon()::start);
        assertThat(waits.await(20, TimeUnit.SECONDS)).isTrue();
        tap.wake();
        assertThat(wait.get(20, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void L6_closingEndsAWaitAndLeavesNothing() throws Exception {
        TapDevice tap = open();
        CountDownLatch waits = new CountDownLatch(1);
        CompletableFuture<Throwable> wait = CompletableFuture.supplyAsync(() -> {
            try {
                waits.countDown();
                while (true) {
                    tap.awaitRead(Deadline.afterMillis(50_000));
                }
            } catch (TapException | InterruptedException | IllegalStateException e) {
                return e;
            }
        }, Thread.ofPlatform().daemon()::start);
        assertThat(waits.await(20, TimeUnit.SECONDS)).isTrue();
        taps.closeAll();

        assertThat(wait.get(20, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        tap.close();
        open().close(); // the name is free again
    }

    @Test
    void aSecondOwnerIsRefused() throws Exception {
        open();
        assertThatThrownBy(() -> taps.open(name))
                .isInstanceOfSatisfying(TapException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUSY));
    }

    @Test
    void anInterfaceOfAnotherKindIsRefused() throws Exception {
        open();
        assertThatThrownBy(() -> taps.open("lo"))
                .isInstanceOfSatisfying(TapException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OTHER_KIND));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sixteen-letters-", "a b", "a/b", "tap%d", "..", "a:1", "käse"})
    void whatIsNoNameIsRefused(String wrong) {
        assertThatThrownBy(() -> taps.open(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + wrong + "' is no name of an interface");
    }

    @Test
    void refusalsSayWhatToDo() {
        assertThat(LinuxTapDevices.refused("tap0", new ErrnoException("open", Errno.ENOENT, "/dev/net/tun")))
                .hasMessageContaining("modprobe tun");
        assertThat(LinuxTapDevices.refused("tap0", new ErrnoException("ioctl", Errno.EPERM, "TUNSETIFF")))
                .hasMessageContaining("CAP_NET_ADMIN")
                .hasMessageContaining("ip tuntap add dev tap0 mode tap user");
    }
}
