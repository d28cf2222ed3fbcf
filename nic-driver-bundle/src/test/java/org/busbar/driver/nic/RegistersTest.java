package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.busbar.net.FlowControl;
import org.busbar.net.MacAddress;
import org.busbar.net.PortFeature;

/** What the driver writes into registers, and makes of what it reads, unit by unit. */
final class RegistersTest {

    private static final long GROUP = 1L << 40;
    private static final long RCTL = 0x100;
    private static final long CTRL = 0;
    private static final long STATION = 0x5254_0000_0001L;

    private final FakeDevice device = new FakeDevice();
    private final Registers registers = new Registers(device, Family.I82574);

    @Example
    void theTableOfControllersIsWhatTheDriverMatches() throws IOException {
        // The annotation is for tools and not there at run time, but in the class file.
        try (InputStream file = NicDriver.class.getResourceAsStream("NicDriver.class")) {
            String text = new String(file.readAllBytes(), StandardCharsets.ISO_8859_1);
            List<String> ids =
                    Pattern.compile("8086:[0-9a-f]{4}").matcher(text).results().map(MatchResult::group).toList();
            assertThat(ids)
                    .containsExactlyInAnyOrderElementsOf(Model.ALL.stream()
                            .map(model -> "%04x:%04x".formatted(Model.INTEL, model.device()))
                            .toList());
        }
        assertThat(Model.of(0x100e).orElseThrow().family()).isEqualTo(Family.I8254X);
        assertThat(Model.of(0x10d3).orElseThrow().family()).isEqualTo(Family.I82574);
        assertThat(Model.of(0x1000)).isEmpty();
    }

    @Example
    void whatAFamilyLacksIsNotAmongItsFeatures() {
        assertThat(Family.I8254X.features(true)).doesNotContain(PortFeature.RECEIVE_SPREAD, PortFeature.RECEIVE_HASH);
        assertThat(Family.I8254X.features(false)).doesNotContain(PortFeature.LINK_EVENTS);
        assertThat(Family.I82574.maxMtu()).isEqualTo(9_212);
        assertThat(Family.I8254X.maxMtu()).isGreaterThanOrEqualTo(9_000);
    }

    /** The reference goes by the bits as they are sent, lowest bit of each octet first: the last twelve are the hash. */
    @Property
    void theHashOfAGroupIsTheLastTwelveBitsOfItsAddress(@ForAll @LongRange(min = 0, max = (1L << 48) - 1) long value) {
        MacAddress group = new MacAddress(value | GROUP);
        int expected = 0;
        for (int bit = 0; bit < 12; bit++) {
            int sent = 36 + bit;
            expected |= (group.octet(sent / 8) >>> (sent % 8) & 1) << bit;
        }
        assertThat(FilterRegisters.hash(group)).isEqualTo(expected);

        registers.filter().groups(List.of(group));
        assertThat(table(0x5200)).isEqualTo(bits(expected));
    }

    @Property(tries = 50)
    void theVlanFilterHasABitForEachVlan(@ForAll @IntRange(max = 4095) int one,
            @ForAll @IntRange(max = 4095) int other) {
        registers.filter().vlans(bits(one, other));
        assertThat(table(0x5600)).isEqualTo(bits(one, other));
    }

    private BitSet table(long offset) {
        BitSet set = new BitSet();
        IntStream.range(0, 4096)
                .filter(bit -> (device.read32(offset + 4 * (bit / 32)) >>> bit % 32 & 1) != 0)
                .forEach(set::set);
        return set;
    }

    private static BitSet bits(int... bits) {
        BitSet set = new BitSet();
        Arrays.stream(bits).forEach(set::set);
        return set;
    }

    @Example
    void theAddressIsWrittenFirstOctetLowestAndReadBack() {
        registers.filter().station(new MacAddress(0x0211_2233_4455L));
        assertThat(device.read32(0x5400)).isEqualTo(0x3322_1102);
        assertThat(device.read32(0x5404)).isEqualTo(0x8000_5544);
        assertThat(registers.filter().loadedAddress()).hasValue(0x0211_2233_4455L);
    }

    @Example
    void countersAreAddedUpBeyondThirtyTwoBits() {
        HardwareCounters counters = registers.counters();
        device.write32(CTRL, 1 << 6);
        device.clearedByReading.set(0x4000 / 4, 0x4128 / 4);
        device.clearedByReading.clear(0x4088 / 4);
        counters.start();
        for (int i = 0; i < 3; i++) {
            device.write32(0x4074, -1);
            counters.collect();
        }
        device.write32(0x4088, 5);
        device.write32(0x408c, 1);
        Map<String, Long> read = counters.read();
        assertThat(read).containsEntry("good_packets_received_count", 3 * 0xffff_ffffL);
        assertThat(read.get("good_octets_received_count")).isGreaterThanOrEqualTo((1L << 32) + 5);
        assertThat(counters.read()).containsEntry("good_packets_received_count", 3 * 0xffff_ffffL);
    }

    @Example
    void aCounterThatReadingDoesNotClearIsCountedOnce() {
        HardwareCounters counters = registers.counters();
        device.write32(CTRL, 1 << 6);
        device.write32(0x4010, 7);
        counters.start();
        device.write32(0x4010, 12);
        assertThat(counters.read()).containsEntry("missed_packets_count", 5L);
        assertThat(counters.read()).containsEntry("missed_packets_count", 5L);
    }

    @Example
    void L8_aControllerThatHasGoneCountsNothing() {
        HardwareCounters counters = registers.counters();
        device.write32(CTRL, 1 << 6);
        counters.start();
        device.write32(CTRL, -1);
        device.write32(0x4010, -1);
        assertThat(counters.read()).containsEntry("missed_packets_count", 0L);
    }

    @Example
    void identifyingHasEveryLedBlinkAndThenDoWhatItDid() {
        device.write32(0xe00, 0x0706_8342);
        registers.lights().blink(true);
        assertThat(device.read32(0xe00)).isEqualTo(0x078e_8ece);
        registers.lights().blink(true);
        registers.lights().blink(false);
        assertThat(device.read32(0xe00)).isEqualTo(0x0706_8342);
    }

    @Example
    void pausesAreHeededAndSentAsChosen() {
        Choices choices = choices();
        int heed = 1 << 27;
        int send = 1 << 28;
        for (Map.Entry<FlowControl, Integer> mode : Map.of(
                FlowControl.NONE, 0, FlowControl.HEED, heed, FlowControl.SEND, send, FlowControl.BOTH, heed | send)
                .entrySet()) {
            choices.flowControl(mode.getKey());
            assertThat(device.read32(CTRL) & (heed | send)).isEqualTo(mode.getValue());
            assertThat(choices.flowControl()).isEqualTo(mode.getKey());
            boolean sends = (mode.getValue() & send) != 0;
            assertThat(device.read32(0x2168) != 0).isEqualTo(sends);
            assertThat(device.read32(0x2160) & 0xffff).isLessThanOrEqualTo(device.read32(0x2168));
        }
        assertThat(device.read32(0x28)).isEqualTo(0x00c2_8001);
        assertThat(device.read32(0x30)).isEqualTo(0x8808);
    }

    @Example
    void interruptsAreHeldBackInUnitsOfTheDevice() {
        Choices choices = choices();
        choices.throttle(Duration.ofNanos(257), 3);
        assertThat(device.read32(0xc4)).isEqualTo(2);
        assertThat(device.read32(0xe8)).isEqualTo(2);
        assertThat(device.read32(0xf0)).isEqualTo(2);
        choices.throttle(Duration.ZERO, 3);
        assertThat(device.read32(0xf0)).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> choices.throttle(Duration.ofMillis(17), 3))
                .withMessageContaining("0 to 16776 microseconds");
        assertThatIllegalArgumentException().isThrownBy(() -> choices.throttle(Duration.ofNanos(-1), 3));
    }

    /** RCTL's UPE, MPE, VFE and LPE, as they come after what was chosen; and again after a reset. */
    @Example
    void whatIsChosenIsWrittenAndWrittenAgainAfterAReset() {
        Choices choices = choices();
        registers.receive().enable(true);
        assertThat(received()).isEqualTo(1 << 18);
        choices.promiscuous(true);
        assertThat(received()).isEqualTo(1 << 3 | 1 << 4);
        choices.promiscuous(false);
        choices.allMulticast(true);
        choices.mtu(1501);
        assertThat(received()).isEqualTo(1 << 4 | 1 << 18 | 1 << 5);
        choices.vlanMode(true);
        choices.vlan(4095, true);
        choices.mac(new MacAddress(0x0200_0000_0007L));

        for (int offset = 0; offset < 0x2_0000; offset += 4) {
            device.write32(offset, 0);
        }
        registers.receive().clear();
        choices.apply();
        registers.receive().enable(true);
        assertThat(received()).isEqualTo(1 << 4 | 1 << 18 | 1 << 5);
        assertThat(device.read32(CTRL) & 1 << 30).isNotZero();
        assertThat(device.read32(0x5600 + 4 * 127)).isEqualTo(1 << 31);
        assertThat(registers.filter().loadedAddress()).hasValue(0x0200_0000_0007L);
    }

    @Example
    void whatMakesNoSenseIsRefused() {
        Choices choices = choices();
        assertThatIllegalArgumentException().isThrownBy(() -> choices.mtu(67));
        assertThatIllegalArgumentException().isThrownBy(() -> choices.mtu(9_213)).withMessageContaining("68 to 9212");
        assertThatIllegalArgumentException().isThrownBy(() -> choices.vlan(4096, true));
        assertThatIllegalArgumentException().isThrownBy(() -> choices.mac(new MacAddress(GROUP)));
        assertThatIllegalArgumentException().isThrownBy(() -> choices.groups(List.of(new MacAddress(STATION))));
        assertThat(choices.mac()).isEqualTo(new MacAddress(STATION));
    }

    private Choices choices() {
        Choices choices = new Choices(registers, Family.I82574, new MacAddress(STATION));
        choices.apply();
        return choices;
    }

    private int received() {
        return device.read32(RCTL) & (1 << 3 | 1 << 4 | 1 << 5 | 1 << 18);
    }
}
