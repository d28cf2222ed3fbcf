package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.volume.Volume;
import org.busbar.volume.VolumePath;
import org.busbar.volume.VolumeState;
import org.junit.jupiter.api.Test;

/** Which block devices are paths of which volume, and which volumes there are. */
final class VolumesTest {

    private final Bench bench = new Bench();
    private final FakeMedium medium = new FakeMedium(16);
    private final FakeDevice device = new FakeDevice("a", medium).automatic();

    private static Deadline soon() {
        return Deadline.afterMillis(30_000);
    }

    @Test
    void volumeSaysWhoItIs() {
        bench.come(device, "1#1");
        Volume volume = bench.volume();
        assertThat(volume.name()).isEqualTo("volume/medium");
        assertThat(volume.identity()).isEqualTo("medium");
        assertThat(bench.services.get(volume).get(BlockDevice.SIZE)).isEqualTo(128L);
        assertThat(bench.services.get(volume).get(BlockDevice.BLOCK_SIZE)).isEqualTo(8);
        assertThat(bench.services.get(volume).get(BlockDevice.SERIAL)).isEqualTo("SN1");
        assertThat(bench.services.get(volume).get(Volume.STATE)).isEqualTo("UP");
        assertThat(volume.paths()).extracting(VolumePath::name).containsExactly("a");
        assertThat(volume.paths()).extracting(VolumePath::active).containsExactly(true);
    }

    @Test
    void otherCardInTheSlotIsAnotherVolumeAndItsUsersFailClearly() throws Exception {
        Path path = bench.come(device, "1#1");
        Volume first = bench.volume();
        try (BlockQueue queue = first.openQueue(1)) {
            bench.go(path, device);
            FakeMedium foreign = new FakeMedium(16);
            bench.come(new FakeDevice("b", foreign).automatic(), "1#2", "another", "SN2", false);
            assertThat(bench.services).hasSize(2);
            assertThat(first.state()).isEqualTo(VolumeState.HELD);
            assertThat(queue.writeZeroes(1, 1, RequestOptions.NONE, 0)).isFalse();
            bench.works.pass(Bench.HOLD.toNanos() + 1);
            assertThatThrownBy(() -> queue.flush(0)).isInstanceOf(DeviceGoneException.class);
            assertThat(foreign.read(1)).isZero();
        }
        assertThat(bench.services).as("without users, the first is dropped").hasSize(1);
        assertThat(first.state()).isEqualTo(VolumeState.DROPPED);
        assertThatThrownBy(() -> first.openQueue(1)).isInstanceOf(DeviceGoneException.class);
    }

    @Test
    void sameIdentityWithOtherGeometryIsRefusedWhileTheVolumeIsUsed() throws Exception {
        Path path = bench.come(device, "1#1");
        Volume first = bench.volume();
        BlockQueue queue = first.openQueue(1);
        bench.go(path, device);
        bench.come(new FakeDevice("b", medium).automatic().resized(8), "1#2");
        assertThat(bench.volume()).isSameAs(first);
        assertThat(first.state()).isEqualTo(VolumeState.HELD);
        assertThat(first.paths()).singleElement()
                .satisfies(
                        other -> assertThat(other.refusal().orElseThrow()).contains("8 blocks instead of 16"));
        queue.close();
        bench.works.pass(Bench.HOLD.toNanos() + 1);
        assertThat(bench.volume()).as("the other one has a volume of its own now").isNotSameAs(first);
        assertThat(bench.volume().blockCount()).isEqualTo(8);
        assertThat(bench.volume().state()).isEqualTo(VolumeState.UP);
    }

    @Test
    void sameIdentityWithAnotherSerialNumberIsRefused() throws Exception {
        Path path = bench.come(device, "1#1");
        Volume volume = bench.volume();
        try (BlockQueue _ = volume.openQueue(1)) {
            bench.go(path, device);
            bench.come(new FakeDevice("b", medium).automatic(), "1#2", "SN2", true);
            assertThat(volume.state()).isEqualTo(VolumeState.HELD);
            assertThat(volume.paths().getFirst().refusal().orElseThrow()).contains("SN2").contains("SN1");
        }
    }

    @Test
    void copyBesideTheOriginalIsNeverUsed() throws Exception {
        Path path = bench.come(device, "1#1", "SN1", false);
        Volume volume = bench.volume();
        FakeDevice copy = new FakeDevice("b", new FakeMedium(16)).automatic();
        bench.come(copy, "2#1", "SN1", false);
        assertThat(volume.paths().get(1).refusal().orElseThrow()).contains("copy");
        try (BlockQueue _ = volume.openQueue(1)) {
            bench.go(path, device);
            assertThat(volume.state()).as("with the copy alone").isEqualTo(VolumeState.HELD);
        }
    }

    @Test
    void twoCardsWithOneSerialNumberAreNotOneMedium() {
        bench.come(device, "1#1", "SN1-n1", "SN1", true);
        bench.come(new FakeDevice("b", new FakeMedium(16)), "2#1", "SN1-n1", "SN1", true);
        assertThat(bench.volume().paths().get(1).refusal().orElseThrow()).contains("serial number");
    }

    @Test
    void deviceThatCannotTellItsEndMakesNoVolume() {
        bench.come(new FakeDevice("a", medium).mute(), "1#1");
        assertThat(bench.services).isEmpty();
    }

    @Test
    void volumeThatNobodyUsesIsDroppedWhenTheTimeIsUp() {
        Path path = bench.come(device, "1#1");
        bench.go(path, device);
        assertThat(bench.volume().state()).isEqualTo(VolumeState.HELD);
        bench.works.pass(Bench.HOLD.toNanos() + 1);
        assertThat(bench.services).isEmpty();
        bench.come(new FakeDevice("b", medium).automatic(), "1#2");
        assertThat(bench.volume().state()).isEqualTo(VolumeState.UP);
    }

    @Test
    void holdThatIsOverAfterTheMediumWasBackDoesNothing() {
        Path path = bench.come(device, "1#1");
        bench.go(path, device);
        bench.works.pass(Bench.HOLD.toNanos() / 2);
        FakeDevice next = new FakeDevice("b", medium);
        Path second = bench.come(next, "1#2");
        bench.go(second, next);
        bench.works.pass(Bench.HOLD.toNanos() / 2 + 1);
        assertThat(bench.volume().state()).isEqualTo(VolumeState.HELD);
        bench.works.pass(Bench.HOLD.toNanos() / 2);
        assertThat(bench.services).isEmpty();
    }

    @Test
    void holdCanBeChangedAndIsSaid() {
        Path path = bench.come(device, "1#1");
        bench.volumes.hold(Duration.ofSeconds(1));
        assertThat(bench.services.get(bench.volume()).get(Volume.HOLD)).isEqualTo(1000L);
        bench.go(path, device);
        bench.works.pass(1_000_000_001);
        assertThat(bench.services).isEmpty();
    }

    @Test
    void sizeFollowsTheMedium() {
        Path path = bench.come(device, "1#1");
        device.resized(32);
        bench.volumes.changed(path);
        assertThat(bench.volume().blockCount()).isEqualTo(32);
        assertThat(bench.services.get(bench.volume()).get(BlockDevice.SIZE)).isEqualTo(256L);
    }

    @Test
    void stoppingEndsAllVolumes() throws Exception {
        bench.come(device, "1#1");
        Volume volume = bench.volume();
        BlockQueue queue = volume.openQueue(1);
        bench.volumes.close();
        assertThat(bench.services).isEmpty();
        assertThat(volume.state()).isEqualTo(VolumeState.DROPPED);
        assertThatCode(queue::close).doesNotThrowAnyException();
    }

    /** Half of the write is done when the card goes; all of it is written again. */
    @Test
    void callThatBlocksWaitsAndIsRepeatedFromItsBeginning() throws Exception {
        FakeDevice slow = new FakeDevice("slow", medium);
        Path path = bench.come(slow, "1#1");
        Volume volume = bench.volume();
        ByteBuffer data = ByteBuffer.allocate(8).putLong(0, 0x1122334455667788L);
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<?> write = threads.submit(() -> {
                volume.write(3, data, soon());
                return null;
            });
            slow.awaitWriting();
            bench.go(path, slow);
            bench.come(device, "1#1");
            write.get(30, TimeUnit.SECONDS);
        }
        assertThat(medium.read(3)).isEqualTo(0x1122334455667788L);
        assertThat(data.hasRemaining()).isFalse();
        assertThat(volume.statistics().reissued()).isEqualTo(1);
    }

    @Test
    void callThatBlocksFailsWhenTheVolumeHas() throws Exception {
        Path path = bench.come(device, "1#1");
        Volume volume = bench.volume();
        try (BlockQueue _ = volume.openQueue(1)) {
            bench.go(path, device);
            bench.works.pass(Bench.HOLD.toNanos() + 1);
            assertThatThrownBy(() -> volume.read(0, ByteBuffer.allocate(8), soon()))
                    .isInstanceOf(DeviceGoneException.class);
        }
    }

    @Test
    void featuresMustNotGetFewer() throws Exception {
        Path path = bench.come(device, "1#1");
        Volume volume = bench.volume();
        try (BlockQueue _ = volume.openQueue(1)) {
            bench.go(path, device);
            bench.come(new FakeDevice("b", medium, Set.of()), "1#1");
            assertThat(volume.paths().getFirst().refusal().orElseThrow()).contains("can do less");
        }
    }
}
