package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimRulesTest {

    private static final PciAddress AT = PciAddress.parse("0000:02:1a.1");
    private static final PciIds NVME = new PciIds(0x1b36, 0x0010, 0, 0, 0x010802);

    @ParameterizedTest
    @ValueSource(strings = {
        "0000:02:1a.1", "0000:02:1A.1", "02:1a.1", "0000:02:*.*", "*:02:1a.?", "0000:0?:1a.1", "1b36:0010",
        "1B36:*", "class:01", "class:0108", "class:010802", "0000:09:00.0, 1b36:0010", " 1b36:0010 class:ff "
    })
    void namesTheDevice(String rule) {
        assertThat(ClaimRules.parse(List.of(rule), false).names(AT, NVME)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0000:02:1a.0", "0001:02:1a.1", "1b36:0011", "8086:*", "class:02", "class:010803",
        "12:1a.1"})
    void L10_doesNotNameTheDevice(String rule) {
        assertThat(ClaimRules.parse(List.of(rule), false).names(AT, NVME)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "*", "hello", "8086", "8086:10d", "*:*", "class:1", "class:", "class:01080201", "0000:02:1a.9", "nvme",
        "0000:02:00.0.0", "[a-z]:00.0", "1b36:0010 oops",
        "0000:*.0", "0000:02.*", "000?:1a.1", ":1a.1"
    })
    void malformedRuleIsNamedAndCorrectOnesAreShown(String rule) {
        assertThatThrownBy(() -> ClaimRules.parse(List.of("8086:10d3", rule), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("claims: '")
                .hasMessageContaining("0000:02:00.0")
                .hasMessageContaining("class:0108");
    }
}
