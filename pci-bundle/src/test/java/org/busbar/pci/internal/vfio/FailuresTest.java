package org.busbar.pci.internal.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.busbar.pci.host.OpenException.Reason.BUSY;
import static org.busbar.pci.host.OpenException.Reason.FAILED;
import static org.busbar.pci.host.OpenException.Reason.GONE;
import static org.busbar.pci.host.OpenException.Reason.GROUP_SHARED;
import static org.busbar.pci.host.OpenException.Reason.LIMIT;
import static org.busbar.pci.host.OpenException.Reason.NOT_CLAIMED;
import static org.busbar.pci.host.OpenException.Reason.NO_IOMMU;
import static org.busbar.pci.host.OpenException.Reason.PERMISSION;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the user is told when something cannot be had. */
class FailuresTest {

    private static final String ADDRESS = "0000:02:00.0";

    @TempDir
    private Path root;

    private VfioPaths paths;

    @BeforeEach
    void groupWithANetworkCardAndAnSsd() throws IOException {
        paths = new VfioPaths(root.resolve("dev"), root.resolve("sys"), root.resolve("proc"));
        Path devices = Files.createDirectories(root.resolve("sys/bus/pci/devices"));
        Path group = Files.createDirectories(root.resolve("sys/kernel/iommu_groups/7/devices"));
        for (String address : List.of(ADDRESS, "0000:02:00.1")) {
            Files.createDirectories(devices.resolve(address));
            Files.createSymbolicLink(group.resolve(address), devices.resolve(address));
        }
        Files.createSymbolicLink(devices.resolve("0000:02:00.1/driver"), Path.of("/sys/bus/pci/drivers/e1000e"));
    }

    private static ErrnoException failed(int errno) {
        return new ErrnoException("ioctl", errno, "something");
    }

    private static void assertFailure(OpenException e, OpenException.Reason reason, String... words) {
        assertThat(e.reason()).isEqualTo(reason);
        assertThat(e).hasMessageContainingAll(words);
    }

    @Test
    void containerIsMissingOrForbidden() {
        assertFailure(OpenFailures.container(paths, failed(Errno.ENOENT)), FAILED, "modprobe vfio-pci");
        assertFailure(OpenFailures.container(paths, failed(Errno.EACCES)), PERMISSION, "chmod 0666", "dev/vfio");
        assertFailure(OpenFailures.container(paths, failed(Errno.EMFILE)), LIMIT, "ulimit -n");
    }

    @Test
    void noIommu() throws IOException {
        assertFailure(OpenFailures.noGroup(ADDRESS), NO_IOMMU, ADDRESS, "intel_iommu=on");
        assertFailure(OpenFailures.noType1(paths), FAILED, "modprobe vfio_iommu_type1");
        VfioPaths empty = new VfioPaths(root, root.resolve("nowhere"), root);
        assertFailure(OpenFailures.noType1(empty), NO_IOMMU, "intel_iommu=on");
    }

    @Test
    void groupIsMissingOrForbidden() {
        assertFailure(
                OpenFailures.group(paths, 7, failed(Errno.ENOENT)),
                NOT_CLAIMED,
                "dev/7",
                "0000:02:00.0 (no driver)",
                "0000:02:00.1 (e1000e)",
                "claim rule");
        assertFailure(OpenFailures.group(paths, 7, failed(Errno.EACCES)), PERMISSION, "chown", "dev/7", "udev");
    }

    @Test
    void busyGroupNamesTheProcessThatHasIt() throws IOException {
        assertFailure(OpenFailures.group(paths, 7, failed(Errno.EBUSY)), BUSY, "only root can see");
        Path process = Files.createDirectories(root.resolve("proc/4711/fd")).getParent();
        Files.createSymbolicLink(process.resolve("fd/12"), paths.group(7));
        Files.writeString(process.resolve("comm"), "qemu\n");
        assertFailure(OpenFailures.group(paths, 7, failed(Errno.EBUSY)), BUSY, "qemu (pid 4711)");
    }

    @Test
    void sharedGroupNamesItsFunctions() {
        assertFailure(OpenFailures.groupShared(paths, 7), GROUP_SHARED, "group 7", "0000:02:00.1 (e1000e)",
                "claim rule");
        assertFailure(OpenFailures.join(paths, 7, failed(Errno.EBUSY)), GROUP_SHARED, "0000:02:00.1 (e1000e)");
        assertFailure(OpenFailures.join(paths, 7, failed(Errno.ENODEV)), FAILED, "ENODEV");
    }

    @Test
    void deviceIsElsewhereOrGoing() throws IOException {
        assertFailure(OpenFailures.device(paths, "0000:02:00.1", failed(Errno.ENODEV)), NOT_CLAIMED, "e1000e");
        assertFailure(OpenFailures.device(paths, ADDRESS, failed(Errno.ENODEV)), NOT_CLAIMED, "no driver");
        Files.createSymbolicLink(
                root.resolve("sys/bus/pci/devices/" + ADDRESS + "/driver"), Path.of("/sys/bus/pci/drivers/vfio-pci"));
        assertFailure(OpenFailures.device(paths, ADDRESS, failed(Errno.ENODEV)), GONE, "being removed");
        assertFailure(OpenFailures.device(paths, ADDRESS, failed(Errno.EBUSY)), BUSY, "in use already");
        assertFailure(OpenFailures.device(paths, ADDRESS, failed(Errno.EIO)), FAILED, "EIO");
    }

    @Test
    void openerWithoutVfioSaysWhatIsMissing() {
        VfioGroups groups = new VfioGroups(new VfioGroupOpener(paths));
        assertThatThrownBy(() -> groups.join(7))
                .isInstanceOfSatisfying(OpenException.class, e -> assertFailure(e, FAILED, "modprobe vfio-pci"));
    }

    @Test
    void lockedMemory() {
        LockLimit user = LockLimit.of(8 << 20, List.of("VmLck:\t    512 kB", "CapEff:\t0000000000000000"));
        assertThat(DmaFailures.explain(ADDRESS, 2 << 20, user, failed(Errno.ENOMEM)))
                .hasMessageContainingAll(
                        "2 MiB for 0000:02:00.0",
                        "RLIMIT_MEMLOCK is 8 MiB, of which 512 KiB are in use",
                        "ulimit -l",
                        "LimitMEMLOCK=");
        assertThat(user.isPlentyFor(2 << 20)).isFalse();
        assertThat(user.isPlentyFor(256 << 10)).isTrue();
    }

    @Test
    void lockedMemoryOfThoseToWhomTheLimitDoesNotApply() {
        LockLimit root = LockLimit.of(8 << 20, List.of("CapEff:\t000001ffffffffff"));
        assertThat(root.isPlentyFor(2 << 20)).isTrue();
        assertThat(root.used()).isEmpty();
        LockLimit unlimited = LockLimit.of(-1, List.of());
        assertThat(unlimited.isPlentyFor(1L << 40)).isTrue();
        assertThat(DmaFailures.explain(ADDRESS, 4096, unlimited, failed(Errno.ENOMEM)))
                .hasMessageContaining("not that much memory left");
    }

    @Test
    void tooManyMappings() {
        assertThat(DmaFailures.explain(ADDRESS, 4096, LockLimit.now(), failed(Errno.ENOSPC)))
                .hasMessageContaining("dma_entry_limit");
    }

    @Test
    void L5_callThatHangsIsLeftBehindAndItsResultIsNotLost() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        CountDownLatch cleaned = new CountDownLatch(1);
        AtomicReference<Optional<String>> late = new AtomicReference<>();
        assertThatThrownBy(() -> KernelCall.run(
                "test", Deadline.afterMillis(20), InterruptedException.class,
                () -> {
                    hang.await();
                    return "result";
                },
                result -> {
                    late.set(result);
                    cleaned.countDown();
                }))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("goes on in the background");
        hang.countDown();
        assertThat(cleaned.await(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        assertThat(late.get()).contains("result");
    }

    @Test
    void callThatFailsThrowsItsOwnException() {
        assertThatThrownBy(() -> KernelCall.run(
                "test", Deadline.afterMillis(10_000), ErrnoException.class,
                () -> {
                    throw failed(Errno.EIO);
                },
                late -> {}))
                .isInstanceOf(ErrnoException.class);
    }

    @Test
    void interruptDoesNotCutACallShortAndIsNotLost() throws Exception {
        Thread.currentThread().interrupt();
        String result =
                KernelCall.run("test", Deadline.afterMillis(10_000), RuntimeException.class, () -> "done", late -> {});
        assertThat(result).isEqualTo("done");
        assertThat(Thread.interrupted()).isTrue();
    }
}
