package org.busbar.shell.net.internal.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.busbar.net.PortFeature;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.net.internal.MemoryPort;
import org.busbar.shell.net.internal.Ports;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangesTest {

    private final MemoryPort port = new MemoryPort(
            "e000:03:00.0",
            1,
            2048,
            PortFeature.PROMISCUOUS,
            PortFeature.MTU_SET,
            PortFeature.MULTICAST_FILTER,
            PortFeature.MAC_SET);

    private Changes changes(String... words) {
        return Changes.of(Ports.Found.of(port), List.of(words));
    }

    @Test
    void severalAreSetInOrder() {
        assertThat(changes("mtu=9000", "promiscuous=on", "multicast=01:00:5e:00:00:01").apply())
                .isEqualTo("e000:03:00.0: mtu=9000 promiscuous=on multicast=01:00:5e:00:00:01");
        assertThat(port.settings()).containsExactly("mtu 9000", "promiscuous true", "multicast [01:00:5e:00:00:01]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            speed=10            | there is nothing called 'speed' to set; there are promiscuous, allmulticast
            mtu                 | 'mtu' is not key=value
            mtu=67              | mtu: has to be 68 to 9000, not 67
            mtu=x               | mtu: 'x' is no number
            promiscuous=yes     | promiscuous: is on or off, not 'yes'
            mac=01:00:5e:00:00:01 | is a group address
            mac=1               | an Ethernet address looks like
            multicast=52:54:00:00:00:01 | is no group address
            flow-control=both   | e000:03:00.0 lacks flow-control, which flow-control needs; it has promiscuous
            promiscuous=on mtu=1000 | is on or off, not 'on mtu=1000'; nothing was changed
            """)
    void oneThatIsWrongChangesNothing(String wrong, String message) {
        String right = wrong.startsWith("promiscuous") ? "mtu=1000" : "promiscuous=on";
        assertThatThrownBy(() -> changes(right, wrong).apply())
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining(message);
        assertThat(port.settings()).isEmpty();
    }

    @Test
    void oneThatIsThereTwiceChangesNothing() {
        assertThatThrownBy(() -> changes("mtu=1000", "mtu=1400"))
                .hasMessage("mtu is there twice; nothing was changed");
    }

    @Test
    void oneThatTheDeviceRefusesSaysWhatWasSetBefore() {
        Changes changes = changes("multicast=none", "mtu=9000", "promiscuous=on");
        port.refuse(1);
        assertThatThrownBy(changes::apply)
                .hasMessage("multicast=none failed: e000:03:00.0: the device refuses multicast []; nothing was changed;"
                        + " mtu=9000 promiscuous=on was not tried");
        assertThat(port.settings()).isEmpty();
    }

    @Test
    void promiscuityIsKeptForThoseWhoNeedIt() throws Exception {
        Ports.Found found = Ports.Found.of(port);
        found.promiscuity().hold();
        found.promiscuity().hold();
        found.promiscuity().release();
        assertThat(port.settings()).doesNotContain("promiscuous false");
        Changes.of(found, List.of("promiscuous=on")).apply();
        found.promiscuity().release();
        assertThat(port.settings()).doesNotContain("promiscuous false");
        Changes.of(found, List.of("promiscuous=off")).apply();
        assertThat(port.settings()).endsWith("promiscuous false");
    }
}
