package org.busbar.bench.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeSysfsTest {

    private final DeviceMix mix = new DeviceMix(7, 0);

    @TempDir
    private Path root;

    @Test
    void sameSeedSameDevice() {
        assertThat(new DeviceMix(7, 0).device(4711, 0)).isEqualTo(mix.device(4711, 0));
        assertThat(DeviceMix.address(65535)).isEqualTo("000f:ff:07.1");
    }

    @Test
    void deviceIsReachedThroughItsLink() throws IOException {
        FakeSysfs tree = new FakeSysfs(root);
        FakeDevice device = mix.device(3, 0);
        tree.add(device);

        Path link = tree.devices().resolve(device.address());
        assertThat(link).isSymbolicLink();
        assertThat(link.resolve("uevent")).hasContent(device.uevent());
        assertThat(link.resolve("config")).hasSize(256);
        assertThat(link.resolve("driver").toRealPath()).hasFileName(device.kernelDriver());
        assertThat(link.resolve("iommu_group")).isDirectory();
    }

    @Test
    void replacedDeviceHasAnotherInode() throws IOException {
        FakeSysfs tree = new FakeSysfs(root);
        tree.add(mix.device(3, 0));
        Path link = tree.devices().resolve(DeviceMix.address(3));
        Object before = Files.getAttribute(link, "unix:ino", LinkOption.NOFOLLOW_LINKS);

        tree.replace(mix.device(3, 1));

        assertThat(Files.getAttribute(link, "unix:ino", LinkOption.NOFOLLOW_LINKS))
                .isNotEqualTo(before);
        assertThat(link.resolve("uevent")).hasContent(mix.device(3, 1).uevent());
    }

    @Test
    void removedDeviceIsGoneAndItsAddressFree() throws IOException {
        FakeSysfs tree = new FakeSysfs(root);
        tree.add(mix.device(3, 0));
        tree.remove(DeviceMix.address(3));
        assertThat(tree.addresses()).isEmpty();

        tree.add(mix.device(3, 1));
        assertThat(tree.addresses()).containsExactly(DeviceMix.address(3));
    }
}
