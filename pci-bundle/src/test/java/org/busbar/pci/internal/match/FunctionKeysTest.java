package org.busbar.pci.internal.match;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.device.bus.MatchKey;
import org.busbar.pci.PciIds;
import org.junit.jupiter.api.Test;

class FunctionKeysTest {

    @Test
    void keysOfAFunctionBestFirst() {
        assertThat(FunctionKeys.of(new PciIds(0x8086, 0x10D3, 0x1AF4, 0x1100, 0x010802))).containsExactly(
                new MatchKey("8086:10d3:1af4:1100", 500),
                new MatchKey("8086:10d3", 400),
                new MatchKey("class:010802", 300),
                new MatchKey("class:0108", 200),
                new MatchKey("class:01", 100));
    }

    @Test
    void aFunctionWithoutSubsystemHasNoSubsystemKey() {
        assertThat(FunctionKeys.of(new PciIds(0x8086, 1, 0, 0, 0x060400))).extracting(MatchKey::text)
                .containsExactly("8086:0001", "class:060400", "class:0604", "class:06");
    }
}
