package org.busbar.shell.nvme.internal.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.busbar.shell.internal.services.Services;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.volume.Volume;
import org.busbar.volume.VolumePath;
import org.busbar.volume.VolumeState;
import org.busbar.volume.VolumeStatistics;
import org.junit.jupiter.api.Test;
import org.osgi.framework.ServiceReference;

final class VolumeCommandsTest {

    private static final ServiceReference<?> REFERENCE = (ServiceReference<?>) Proxy.newProxyInstance(
            VolumeCommandsTest.class.getClassLoader(),
            new Class<?>[] {ServiceReference.class},
            (_, method, _) -> {
                throw new UnsupportedOperationException(method.getName());
            });

    private final List<Volume> volumes = new ArrayList<>();
    private final VolumeCommands commands = new VolumeCommands(
            () -> volumes.stream().map(one -> new Services.Offered<>(one, REFERENCE)));
    private final Volume volume = (Volume) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Volume.class}, (proxy, method, arguments) -> switch (method
                    .getName()) {
                case "name" -> "volume/abc";
                case "state" -> VolumeState.UP;
                case "blockCount" -> 2048L;
                case "blockSize" -> 512;
                case "paths" -> List.of(
                        new VolumePath("e000:01:00.0/n1", "e000:01:00.0#3", true, Optional.empty()),
                        new VolumePath("e000:02:00.0/n1", "e000:02:00.0#4", false, Optional.of("it is a copy")));
                case "statistics" -> new VolumeStatistics(
                        100, 7, 1, 2, 0, 2, Duration.ofMillis(12), Duration.ofNanos(34_500_000));
                default -> proxy == arguments[0];
            });

    @Test
    void volumesAreListed() {
        assertThat(commands.list(false)).isEqualTo("there is no volume");
        volumes.add(volume);
        assertThat(commands.list(false)).contains("volume/abc", "UP", "1 MiB", "e000:01:00.0/n1", "34 ms");
        assertThat(commands.list(true)).contains("\"longestPause\": 34500");
        assertThat(commands.names()).containsExactly("volume/abc");
        volumes.remove(volume);
        assertThat(commands.names()).isEmpty();
    }

    @Test
    void volumeIsShownWithItsPathsAndPauses() {
        volumes.add(volume);
        assertThat(commands.show(false, "abc"))
                .contains("e000:01:00.0/n1 (e000:01:00.0#3), in use")
                .contains("e000:02:00.0/n1 (e000:02:00.0#4), not used: it is a copy")
                .contains("100, 7 reissued, 1 given up")
                .contains("2, the last of 12 ms, the longest of 34 ms");
        assertThat(commands.show(true, "volume/abc")).contains("\"reissued\": 7");
        assertThatThrownBy(() -> commands.show(false, "xyz")).isInstanceOf(CommandFailure.class)
                .hasMessageContaining("volume:list");
    }
}
