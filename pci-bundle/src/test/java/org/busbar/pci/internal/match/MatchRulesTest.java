package org.busbar.pci.internal.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.busbar.device.bus.MatchKey;
import org.busbar.pci.PciIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatchRulesTest {

    @Test
    void everyFormOfAnIdIsRead() {
        MatchRules rules = MatchRules.parse(
                new String[] {"8086:10D3", "0x1b36:0x0010:*:*", " 8086:10d3:0X1AF4:1100 "}, null);

        assertThat(rules.problem()).isEmpty();
        assertThat(rules.keys()).containsExactly("8086:10d3", "1b36:0010", "8086:10d3:1af4:1100");
    }

    @Test
    void everyFormOfAClassIsRead() {
        MatchRules rules = MatchRules.parse(null, List.of("010802", "0x0200", "0C"));

        assertThat(rules.problem()).isEmpty();
        assertThat(rules.keys()).containsExactly("class:010802", "class:0200", "class:0c");
    }

    @Test
    void aSingleStringIsOneEntryAndRepeatedOnesCountOnce() {
        assertThat(MatchRules.parse("8086:10d3", "01").keys()).containsExactly("8086:10d3", "class:01");
        assertThat(MatchRules.parse(new String[] {"8086:10d3", "8086:10D3:*:*"}, null).keys())
                .containsExactly("8086:10d3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8086", "8086:10d", "8086:10d3:1af4", "8086:10d3:1af4:*", "*:*", "8086-10d3",
        "g086:10d3", "8086:10d3,8086:10d4"})
    void aMalformedIdIsNamedBesideACorrectOne(String entry) {
        MatchRules rules = MatchRules.parse(new String[] {"1b36:0010", entry}, null);

        assertThat(rules.keys()).containsExactly("1b36:0010");
        assertThat(rules.problem()).get()
                .asString()
                .contains("entry '" + entry + "' of pci.match.ids")
                .contains("8086:10d3:*:*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "108", "01080", "01080200", "nvme", "01:08"})
    void aMalformedClassIsNamedBesideACorrectOne(String entry) {
        assertThat(MatchRules.parse(null, entry).problem()).get()
                .asString()
                .contains("entry '" + entry + "' of pci.match.classes")
                .contains("010802, 0108 or 01");
    }

    @Test
    void valuesOfOtherTypesAreProblemsAndNotExceptions() {
        assertThat(MatchRules.parse(0x8086, null).problem()).get().asString().contains("'32902'");
        assertThat(MatchRules.parse(new int[] {1}, null).problem()).isPresent();
        assertThat(MatchRules.parse(new Object[] {null, 7}, null).problem()).get()
                .asString()
                .contains("'null'")
                .contains("'7'");
    }

    @Test
    void aDriverWithoutEntriesIsTold() {
        assertThat(MatchRules.parse(null, null).problem()).get().asString().contains("matches nothing");
        assertThat(MatchRules.parse(new String[0], null).problem()).get().asString().contains("pci.match.ids");
    }

    @Property
    void whatAFunctionIsCalledMatchesItInAnyCase(@ForAll @IntRange(max = 0xffff) int vendor,
            @ForAll @IntRange(max = 0xffff) int device, @ForAll @IntRange(max = 0xffffff) int classCode,
            @ForAll boolean upper) {
        PciIds ids = new PciIds(vendor, device, 1, 2, classCode);
        String text = upper ? ids.deviceText().toUpperCase(Locale.ROOT) : ids.deviceText();

        MatchRules rules = MatchRules.parse(text + ":" + ids.subsystemText(), "0x" + ids.classText());

        assertThat(FunctionKeys.of(ids)).extracting(MatchKey::text).containsAll(rules.keys());
        assertThat(rules.keys()).hasSize(2);
    }
}
