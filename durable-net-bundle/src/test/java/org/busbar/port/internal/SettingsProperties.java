package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.busbar.net.FlowControl;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.ReceiveSpread;
import org.busbar.port.Port;
import org.junit.jupiter.api.Test;

/** Whatever is chosen, and whenever drivers come and go: a driver is told what one that was there all the time was told. */
final class SettingsProperties {

    /** Sets something at random, of a port that lasts or of a driver's. */
    private static void set(NetworkPort port, int what, int value) throws IOException {
        boolean on = value % 2 == 0;
        switch (what) {
            case 0 -> port.promiscuous(on);
            case 1 -> port.allMulticast(on);
            case 2 -> port.multicast(
                    on
                            ? List.of()
                            : List.of(new MacAddress(0x0100_5e00_0000L | value), new MacAddress(0x3333_0000_0001L)));
            case 3 -> port.vlan(value % 6, value % 3 != 0);
            case 4 -> port.changeMac(new MacAddress(0x5254_0000_0100L | value % 4));
            case 5 -> port.changeMtu(68 + value);
            case 6 -> port.vlanStripping(on);
            case 7 -> port.changeFlowControl(FlowControl.values()[value % 4]);
            case 8 -> port.throttleInterrupts(Duration.ofNanos(1000L * (value % 3)));
            default -> port.changeReceiveSpread(
                    new ReceiveSpread(List.of(value % 256), List.of(value % 2, 0), Set.of(ReceiveSpread.Field.IPV4)));
        }
    }

    @Property(tries = 300)
    void L9_everyDriverIsToldWhatWasChosen(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int steps)
            throws IOException {
        Random random = new Random(seed);
        Bench bench = new Bench();
        FakePort there = bench.come(new FakePort(Bench.MAC));
        Port port = bench.port();
        // To a port without queues that nobody has set the hold time would be the end.
        port.openQueue();
        FakePort always = new FakePort(Bench.MAC);
        for (int step = 0; step < steps; step++) {
            switch (random.nextInt(6)) {
                case 0 -> {
                    if (there != null) {
                        bench.leave(there);
                        there = null;
                    }
                }
                case 1 -> {
                    if (there != null) {
                        bench.pull(there);
                        there = null;
                    }
                }
                case 2 -> {
                    if (there == null) {
                        there = bench.come(new FakePort(Bench.MAC), "1#" + step);
                    }
                }
                default -> {
                    int what = random.nextInt(10);
                    int value = random.nextInt(1000);
                    set(port, what, value);
                    set(always, what, value);
                }
            }
        }
        if (there == null) {
            there = bench.come(new FakePort(Bench.MAC), "1#last");
        }
        assertThat(there.inForce()).containsExactlyInAnyOrderEntriesOf(always.inForce());
        assertThat(port.settings().keySet()).containsExactlyInAnyOrderElementsOf(always.inForce().keySet());
        assertThat(port.mac()).isEqualTo(always.mac());
        assertThat(port.mtu()).isEqualTo(always.mtu());
        assertThat(port.flowControl()).isEqualTo(always.flowControl());
        assertThat(port.receiveSpread()).isEqualTo(always.receiveSpread());
        assertThat(port.shortfalls()).isEmpty();
    }

    @Test
    void driversAreToldBeforeAFrameCanPass() throws IOException {
        Bench bench = new Bench();
        FakePort first = bench.come(new FakePort(Bench.MAC));
        Port port = bench.port();
        port.openQueue();
        for (int what = 9; what >= 0; what--) {
            set(port, what, 1);
        }
        bench.pull(first);
        FakePort next = bench.come(new FakePort(Bench.MAC), "1#2");
        assertThat(next.told).containsExactly(
                "mac", "mtu", "flow-control", "vlan-filter", "multicast", "throttle", "rss", "queue 0");
        set(port, 0, 2);
        set(port, 6, 2);
        bench.leave(next);
        next = bench.come(new FakePort(Bench.MAC), "1#3");
        assertThat(next.told).containsExactly(
                "mac", "mtu", "flow-control", "vlan-strip", "vlan-filter", "multicast", "promiscuous", "throttle",
                "rss",
                "queue 0");
    }

    @Test
    void whatACardCannotDoIsSaidAndDoneAgainByOneThatCan() throws IOException {
        Bench bench = new Bench();
        FakePort first = bench.come(new FakePort(Bench.MAC));
        Port port = bench.port();
        port.changeMtu(4000);
        port.promiscuous(true);
        port.changeReceiveSpread(new ReceiveSpread(List.of(1), List.of(0, 1), Set.of()));
        bench.pull(first);
        Set<PortFeature> fewer = EnumSet.allOf(PortFeature.class);
        fewer.remove(PortFeature.MTU_SET);
        FakePort poor = bench.come(new FakePort(Bench.MAC, 1, fewer), "1#2");
        assertThat(port.shortfalls()).containsOnlyKeys("mtu", "rss").containsEntry("mtu", "the fake lacks MTU_SET");
        assertThat(poor.inForce()).containsOnlyKeys("promiscuous");
        assertThat(port.mtu()).isEqualTo(1500);
        assertThat(port.settings()).containsEntry("mtu", "4000");
        bench.pull(poor);
        FakePort rich = bench.come(new FakePort(Bench.MAC), "1#3");
        assertThat(rich.inForce()).containsOnlyKeys("mtu", "promiscuous", "rss");
        assertThat(port.shortfalls()).isEmpty();
    }

    @Test
    void whatADriverRefusesIsNotChosen() throws IOException {
        Bench bench = new Bench();
        FakePort first = bench.come(new FakePort(Bench.MAC));
        Port port = bench.port();
        port.promiscuous(true);
        first.refuse();
        assertThatThrownBy(() -> port.promiscuous(false)).isInstanceOf(IOException.class)
                .hasMessageContaining("refuses");
        assertThatThrownBy(() -> port.changeMtu(2000)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> port.vlan(3, true)).isInstanceOf(IOException.class);
        assertThat(port.settings()).containsOnlyKeys("promiscuous");
        bench.leave(first);
        List<String> told = new ArrayList<>(bench.come(new FakePort(Bench.MAC), "1#2").told);
        assertThat(told).containsExactly("promiscuous");
    }

    @Test
    void nonsenseIsRefusedAlsoWhileThereIsNoDriver() throws IOException {
        Bench bench = new Bench();
        FakePort first = bench.come(new FakePort(Bench.MAC));
        Port port = bench.port();
        port.openQueue();
        bench.leave(first);
        MacAddress group = new MacAddress(0x0100_5e00_0001L);
        assertThatThrownBy(() -> port.changeMac(group)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> port.changeMtu(67)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> port.changeMtu(9001)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> port.vlan(4096, true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> port.multicast(List.of(Bench.MAC))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> port.throttleInterrupts(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(port.settings()).isEmpty();
    }
}
