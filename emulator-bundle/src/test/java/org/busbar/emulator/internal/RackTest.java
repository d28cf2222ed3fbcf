package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Slots, scans, and how cards leave. */
@Timeout(60)
class RackTest {

    private static final Card SSD = Card.parse("nvme:size=1M");

    private final EmulatedRack rack = new EmulatedRack(4);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        rack.close();
        threads.shutdownNow();
    }

    @Test
    void L1_anUnchangedRackGivesTheSameSnapshot() throws IOException {
        rack.insert(2, SSD);
        HostSnapshot first = rack.host().scan(null);
        assertThat(rack.host().scan(first)).isSameAs(first);

        rack.insert(1, SSD);
        rack.pull(1);
        assertThat(rack.host().scan(first)).as("what came and went changed nothing").isSameAs(first);
    }

    @Test
    void L1_insertAndPullShowInTheNextScanAndLeaveOthersTheSameObjects() throws IOException {
        rack.insert(2, SSD);
        HostFunction second = only();
        rack.insert(1, SSD);
        List<HostFunction> both = rack.host().scan(null).functions();
        assertThat(both)
                .extracting(HostFunction::address)
                .containsExactly(PciAddress.parse("e000:01:00.0"), PciAddress.parse("e000:02:00.0"));
        assertThat(both.get(1)).isSameAs(second);
        rack.pull(1);
        assertThat(only()).isSameAs(second);
        assertThat(second.ids().deviceText()).isEqualTo("1b36:0010");
        assertThat(second.ids().classText()).isEqualTo("010802");
        assertThat(second.slot()).contains("2");
    }

    @Test
    void L1_aSwappedCardIsANewObjectAtTheSameAddress() throws IOException {
        rack.insert(1, SSD);
        HostFunction before = only();
        rack.swap(1, SSD);
        assertThat(only()).isNotSameAs(before);
        assertThat(only().address()).isEqualTo(before.address());
        assertThatThrownBy(() -> rack.host().open(before, new MiniNvme.Notices()))
                .isInstanceOfSatisfying(
                        OpenException.class,
                        e -> assertThat(e.reason()).isEqualTo(OpenException.Reason.GONE));
    }

    @Test
    void L11_changesAreHintedAtUntilTheWatchIsClosed() throws Exception {
        BlockingQueue<String> hints = new LinkedBlockingQueue<>();
        HostListener listener = new HostListener() {
            @Override
            public void changed() {
                hints.add("changed");
            }

            @Override
            public void availabilityChanged(PciAddress address) {
                hints.add(address.toString());
            }
        };
        HostWatch watch = rack.host().watch(listener);
        assertThat(watch.how()).isEqualTo("rack events");
        assertThatThrownBy(() -> rack.host().watch(listener)).isInstanceOf(IOException.class);
        rack.insert(1, SSD);
        rack.swap(1, SSD);
        rack.pull(1);
        assertThat(hints).containsExactly("changed", "changed", "changed");
        watch.close();
        rack.insert(1, SSD);
        assertThat(hints).hasSize(3);
        rack.host().watch(listener).close();
    }

    @Test
    void slotsRefuseWhatMakesNoSense() throws Exception {
        assertThatThrownBy(() -> rack.insert(5, SSD)).hasMessageContaining("slots 1 to 4");
        assertThatThrownBy(() -> rack.insert(0, SSD)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rack.pull(1)).hasMessageContaining("slot 1 is empty");
        assertThatThrownBy(() -> rack.eject(1, Deadline.afterMillis(1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> rack.swap(1, SSD)).isInstanceOf(IllegalStateException.class);
        rack.insert(1, SSD);
        assertThatThrownBy(() -> rack.insert(1, SSD)).hasMessageContaining("occupied");
        assertThatThrownBy(() -> rack.fault(1, new Fault.ErrorStatus(0, 0x281)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(rack.slots()).hasSize(4);
        assertThat(rack.slots().get(0).card()).isEqualTo(SSD);
        assertThat(rack.slots().get(1).card()).isNull();
        assertThat(rack.slots().get(1).address()).isEqualTo("e000:02:00.0");
    }

    @Test
    void aCardIsOpenOnceAtATime() throws IOException {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        assertThat(rack.slots().getFirst().inUse()).isTrue();
        assertThatThrownBy(() -> rack.host().open(only(), new MiniNvme.Notices()))
                .isInstanceOfSatisfying(
                        OpenException.class,
                        e -> assertThat(e.reason()).isEqualTo(OpenException.Reason.BUSY));
        nvme.close();
        assertThat(rack.slots().getFirst().inUse()).isFalse();
        MiniNvme.start(rack).close();
    }

    @Test
    void L6_closingLeavesNoThreadNoMappingAndNoState() throws Exception {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        nvme.handle.interrupts().enable(2, vector -> {});
        MemorySegment memory = nvme.data(4096);
        nvme.close();
        assertThat(threadsOfCards()).containsExactly("busbar-card-e000:01:00.0");
        assertThat(memory.scope().isAlive()).isFalse();
        assertThatThrownBy(() -> nvme.bar.read32(0)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> nvme.handle.config().read16(0)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> nvme.data(4096)).isInstanceOf(IOException.class);

        MiniNvme next = new MiniNvme(rack.host(), only());
        assertThat(next.bar.read32(0x14)).as("CC after the reset").isZero();
        assertThat(next.bar.read32(0x1c)).isZero();
        next.close();
        rack.pull(1);
        assertThat(threadsOfCards()).isEmpty();
    }

    @Test
    void L6_aThreadThatHasEndedHoldsNothingOfTheDriver() throws Exception {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        WeakReference<Object> driver = interrupted(nvme, thread, collected);
        assertThat(thread.get(10, TimeUnit.SECONDS).isAlive()).isFalse();
        Reference<?> found = null;
        Deadline deadline = Deadline.afterMillis(20_000);
        while (found == null && !deadline.expired()) {
            System.gc();
            found = collected.remove(50);
        }
        assertThat(found).isSameAs(driver);
        assertThat(thread.join().getName()).as("still held").endsWith("-irq");
        nvme.close();
    }

    /** Has a driver's code run on an interrupt thread, until that has ended. */
    private static WeakReference<Object> interrupted(
            MiniNvme nvme, CompletableFuture<Thread> thread, ReferenceQueue<Object> queue) throws Exception {
        Object driver = new Object();
        nvme.handle.interrupts().enable(1, vector -> {
            thread.complete(Thread.currentThread());
            Reference.reachabilityFence(driver);
        });
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 7)).isZero();
        thread.get(10, TimeUnit.SECONDS);
        nvme.handle.interrupts().disable();
        return new WeakReference<>(driver, queue);
    }

    @Test
    void L6_revocationEndsRegistersButNotMemory() throws IOException {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        MemorySegment memory = nvme.data(4096);
        nvme.handle.revoke();
        assertThatThrownBy(() -> nvme.bar.write32(0x14, 0)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> nvme.handle.bar(0)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> nvme.handle.reset(Deadline.afterMillis(100))).isInstanceOf(DeviceGoneException.class);
        memory.fill((byte) 1);
        nvme.close();
    }

    @Test
    void L8_afterAPullRegistersReadAllOnesAndNothingMovesAnyMore() throws Exception {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        BlockingQueue<Integer> fired = new LinkedBlockingQueue<>();
        MiniNvme.Queue queue = nvme.createQueue(1, 64);
        MemorySegment data = nvme.data(4096);
        // Enabled late, so that nothing fires before the card is pulled.
        nvme.handle.interrupts().enable(2, fired::add);
        rack.pull(1);
        data.fill((byte) 3);

        assertThat(nvme.bar.read32(0x1c)).isEqualTo(-1);
        assertThat(nvme.bar.read64(0)).isEqualTo(-1L);
        assertThat(nvme.bar.read8(0)).isEqualTo(0xff);
        queue.put(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0);
        queue.ring();
        assertThat(queue.poll()).isEqualTo(-1);
        assertThat(fired).isEmpty();
        assertThat(data.mismatch(MemorySegment.ofArray(filled(3)))).isEqualTo(-1);
        assertThatThrownBy(() -> nvme.handle.config().read16(0)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> nvme.handle.reset(Deadline.afterMillis(100))).isInstanceOf(DeviceGoneException.class);
        assertThat(nvme.notices.seen).containsExactly("maybe gone");
        nvme.close();
        assertThat(rack.iommuFaults()).isEmpty();
    }

    @Test
    void L8_pullDuringIoStopsEverythingAndHarmsNothing() throws Exception {
        for (int round = 0; round < 20; round++) {
            rack.insert(1, SSD);
            MiniNvme nvme = MiniNvme.start(rack);
            MiniNvme.Queue queue = nvme.createQueue(1, 64);
            nvme.data(64 * 4096);
            CountDownLatch flowing = new CountDownLatch(1);
            CompletableFuture<Integer> io = CompletableFuture.supplyAsync(() -> pump(nvme, queue, flowing), threads);
            assertThat(flowing.await(10, TimeUnit.SECONDS)).isTrue();
            rack.pull(1);
            assertThat(io.get(10, TimeUnit.SECONDS)).isPositive();
            nvme.close();
        }
        assertThat(rack.iommuFaults()).isEmpty();
    }

    /** Keeps reading and writing until the controller is gone; returns how many commands were completed. */
    private static int pump(MiniNvme nvme, MiniNvme.Queue queue, CountDownLatch flowing) {
        int completed = 0;
        int outstanding = 0;
        while (nvme.bar.read32(0x1c) != -1) {
            while (outstanding < 32) {
                long address = MiniNvme.DATA + outstanding * 4096L;
                queue.put(1 + (outstanding & 1), 1, address, 0, outstanding * 8, 0, 7);
                outstanding++;
            }
            queue.ring();
            while (queue.poll() >= 0) {
                outstanding--;
                completed++;
            }
            queue.acknowledge();
            if (completed > 100) {
                flowing.countDown();
            }
        }
        return completed;
    }

    @Test
    void ejectAsksAndWaitsUntilTheDriverHasLetGo() throws Exception {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        CompletableFuture<Void> ejected = eject(Deadline.afterMillis(30_000));
        assertThat(nvme.notices.seen.poll(10, TimeUnit.SECONDS)).isEqualTo("eject requested");
        assertThat(only().unavailable()).hasValueSatisfying(why -> assertThat(why).contains("ejected"));
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 6)).as("it still works").isZero();
        assertThatThrownBy(() -> rack.eject(1, Deadline.afterMillis(10))).isInstanceOf(IllegalStateException.class);
        assertThat(ejected).isNotDone();
        nvme.close();
        ejected.get(10, TimeUnit.SECONDS);
        assertThat(rack.host().scan(null).functions()).isEmpty();
        assertThat(rack.slots().getFirst().card()).isNull();
    }

    @Test
    void L5_anEjectThatNobodyFollowsEndsAtItsDeadlineAndTheCardStays() throws Exception {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        assertThatThrownBy(() -> rack.eject(1, Deadline.afterMillis(50))).isInstanceOf(DeviceTimeoutException.class);
        assertThat(nvme.notices.seen).containsExactly("eject requested", "eject cancelled");
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 6)).isZero();
        assertThat(only().unavailable()).isEmpty();
        nvme.close();
        rack.eject(1, Deadline.afterMillis(50));
    }

    @Test
    void L8_aPullOvertakesAnEject() throws Exception {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        CompletableFuture<Void> ejected = eject(Deadline.afterMillis(60_000));
        assertThat(nvme.notices.seen.poll(10, TimeUnit.SECONDS)).isEqualTo("eject requested");
        rack.pull(1);
        ejected.get(10, TimeUnit.SECONDS);
        rack.insert(1, SSD);
        assertThat(rack.host().scan(null).functions()).hasSize(1);
        nvme.close();
    }

    @Test
    void faultsShowAndHeal() throws Exception {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        MiniNvme.Queue queue = nvme.createQueue(1, 64);
        nvme.data(4096);

        rack.fault(1, new Fault.ErrorStatus(2, 0x281));
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isEqualTo(0x281);
        assertThat(rack.slots().getFirst().faults()).containsExactly(new Fault.ErrorStatus(2, 0x281));
        rack.heal(1);
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();

        rack.fault(1, new Fault.SlowCompletion(Duration.ofMillis(40)));
        long start = System.nanoTime();
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(System.nanoTime() - start).isGreaterThan(40_000_000);
        int slow = queue.put(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0);
        rack.fault(1, new Fault.SlowCompletion(Duration.ofMinutes(10)));
        queue.ring();
        int abortResult = 1;
        while (abortResult == 1) {
            assertThat(nvme.admin.run(0x08, 0, 0, 0, 1 | (slow << 16))).isZero();
            abortResult = nvme.admin.result;
        }
        assertThat(queue.await()).isEqualTo(0x07);
        rack.heal(1);

        rack.fault(1, new Fault.LostCompletion(2));
        int first = queue.put(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0);
        queue.put(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0);
        int third = queue.put(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0);
        queue.ring();
        assertThat(queue.await()).isZero();
        assertThat(queue.command).isEqualTo(first);
        assertThat(queue.await()).isZero();
        assertThat(queue.command).as("the second is lost").isEqualTo(third);
        nvme.close();
    }

    @Test
    void L5_aStuckResetEndsAtTheDeadlineAndHealingEndsIt() throws Exception {
        rack.insert(1, SSD);
        MiniNvme nvme = MiniNvme.start(rack);
        rack.fault(1, new Fault.StuckReset());
        assertThatThrownBy(() -> nvme.handle.reset(Deadline.afterMillis(50)))
                .isInstanceOf(DeviceTimeoutException.class);
        nvme.bar.write32(0x14, 0);
        assertThat(nvme.bar.read32(0x1c) & 1).as("still ready").isEqualTo(1);
        rack.heal(1);
        nvme.awaitRegister(0x1c, 1, 0);
        nvme.close();
    }

    @Test
    void aBadConfigSpaceHasACircularListAndNonsensicalRegisters() throws Exception {
        rack.insert(1, SSD);
        FunctionHandle handle = rack.host().open(only(), new MiniNvme.Notices());
        assertThat(handle.config().capabilities()).extracting(c -> c.id()).containsExactly(0x11, 0x01, 0x10);
        rack.fault(1, new Fault.BadConfigSpace());
        assertThat(handle.config().capabilities()).hasSize(1);
        assertThat(handle.config().read8(0x41)).isEqualTo(0x40);
        assertThatThrownBy(() -> only().bars()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> handle.bar(0)).isInstanceOf(IOException.class);
        rack.heal(1);
        assertThat(only().bars()).hasSize(1);
        handle.close();
    }

    @Test
    void configurationSpaceIsThatOfAPciExpressEndpoint() throws Exception {
        rack.insert(1, SSD);
        assertThat(only().config().read32(0)).isEqualTo(0x0010_1b36);
        assertThatThrownBy(() -> only().config().write16(4, 0)).isInstanceOf(UnsupportedOperationException.class);
        FunctionHandle handle = rack.host().open(only(), new MiniNvme.Notices());
        assertThat(handle.config().size()).isEqualTo(4096);
        assertThat(handle.config().read16(4) & 6).as("memory and bus master").isEqualTo(6);
        int address = handle.config().read32(0x10);
        handle.config().write32(0x10, -1);
        assertThat(handle.config().read32(0x10)).as("16 KiB, 64 bits").isEqualTo(0xffff_c004);
        handle.config().write32(0x10, address);
        assertThat(handle.config().read32(0x10)).isEqualTo(address);
        handle.config().write16(0, 0x1234);
        assertThat(handle.config().read16(0)).isEqualTo(0x1b36);
        assertThatThrownBy(() -> handle.config().read32(4094)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> handle.config().read32(2)).isInstanceOf(IllegalArgumentException.class);
        handle.config().write16(4, 0);
        assertThat(handle.bar(0).read32(8)).as("no memory decoding").isEqualTo(-1);
        assertThatThrownBy(() -> handle.bar(3)).isInstanceOf(IOException.class);
        handle.close();
    }

    @Test
    void aFileBelongsToOneCard(@TempDir Path directory) {
        Card card = Card.parse("nvme:size=1M,file=" + directory.resolve("disk"));
        rack.insert(1, card);
        assertThatThrownBy(() -> rack.insert(2, card)).hasMessageContaining("another card uses it");
        assertThatThrownBy(() -> rack.insert(2, Card.parse("nvme:file=" + directory.resolve("no/such"))))
                .isInstanceOf(IllegalArgumentException.class);
        rack.swap(1, card);
        rack.pull(1);
        rack.insert(2, card);
    }

    private CompletableFuture<Void> eject(Deadline deadline) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        rack.eject(1, deadline);
                    } catch (DeviceTimeoutException | InterruptedException e) {
                        throw new AssertionError(e);
                    }
                },
                threads);
    }

    private HostFunction only() throws IOException {
        List<HostFunction> functions = rack.host().scan(null).functions();
        assertThat(functions).hasSize(1);
        return functions.getFirst();
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[4096];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static Set<String> threadsOfCards() {
        return Thread.getAllStackTraces()
                .keySet()
                .stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("busbar-card"))
                .collect(Collectors.toSet());
    }
}
