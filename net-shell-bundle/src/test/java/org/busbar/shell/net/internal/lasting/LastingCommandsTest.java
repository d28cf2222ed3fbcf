package org.busbar.shell.net.internal.lasting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.PortStatistics;
import org.busbar.port.Port;
import org.busbar.port.PortCard;
import org.busbar.port.PortHistory;
import org.busbar.port.PortState;
import org.busbar.shell.internal.words.CommandFailure;
import org.junit.jupiter.api.Test;

final class LastingCommandsTest {

    private static final String MAC = "52:54:00:00:00:01";

    private final List<Port> ports = new ArrayList<>();
    private final LastingCommands commands = new LastingCommands(() -> ports);
    private final Port port = (Port) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Port.class}, (proxy, method, arguments) -> switch (method
                    .getName()) {
                case "name" -> "port/" + MAC;
                case "identity" -> MAC;
                case "state" -> PortState.UP;
                case "mac" -> MacAddress.parse(MAC);
                case "link" -> new LinkState(true, 1000, true);
                case "mtu" -> 1500;
                case "cards" -> List.of(
                        new PortCard("e000:03:00.0", "e000:03:00.0#3", true, Optional.empty()),
                        new PortCard("e000:05:00.0", "e000:05:00.0#4", false, Optional.of("it has the same address")));
                case "settings" -> new LinkedHashMap<>(Map.of("mtu", "9000"));
                case "shortfalls" -> {
                    LinkedHashMap<String, String> lacking = new LinkedHashMap<>();
                    lacking.put("mtu", "it lacks MTU_SET");
                    lacking.put("queue 1", "all are open");
                    yield lacking;
                }
                case "statistics" -> new PortStatistics(70, 7000, 80, 8000, 0, 0);
                case "history" -> new PortHistory(2, 30, 4, 2, Duration.ofMillis(12), Duration.ofNanos(34_500_000));
                default -> proxy == arguments[0];
            });

    @Test
    void portsAreListed() {
        assertThat(commands.list(false)).isEqualTo("there is no port");
        ports.add(port);
        assertThat(commands.list(false))
                .contains("port/" + MAC, "UP", "e000:03:00.0", "12 ms", "34 ms", " 34 ", "mtu queue 1");
        assertThat(commands.list(true)).contains("\"longestPause\": 34500", "\"dropped\": 30", "\"driversLost\": 2");
        assertThat(commands.names()).containsExactly("port/" + MAC);
    }

    @Test
    void portIsShownWithWhatWasChosenAndWhatItHasLost() {
        ports.add(port);
        assertThat(commands.show(false, MAC))
                .contains("e000:03:00.0 (e000:03:00.0#3), in use")
                .contains("e000:05:00.0 (e000:05:00.0#4), not used: it has the same address")
                .contains("9000, not in force: it lacks MTU_SET")
                .contains("not in use: all are open")
                .contains("70 received, 80 sent")
                .contains("30 frames to be sent without a driver, 4 at most")
                .contains("left 2 times")
                .contains("2, the last of 12 ms, the longest of 34 ms");
        assertThat(commands.show(true, "port/" + MAC)).contains("\"mtu\": \"9000\"");
        assertThatThrownBy(() -> commands.show(false, "xyz")).isInstanceOf(CommandFailure.class)
                .hasMessageContaining("port:list");
    }
}
