package org.busbar.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.busbar.net.MacAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text form of cards. */
class CardTest {

    @Test
    void everyPropertyCounts() {
        assertThat(Card.parse("nvme:size=2G,block=4096,file=/tmp/x,serial=ABC"))
                .isEqualTo(new Card.Nvme(2L << 18, 4096, Optional.of(Path.of("/tmp/x")), "ABC"));
        assertThat(Card.parse("nic:mac=52:54:00:12:34:56"))
                .isEqualTo(new Card.Nic(MacAddress.parse("52:54:00:12:34:56")));
        assertThat(((Card.Nvme) Card.parse("nvme:size=1024")).blocks()).isEqualTo(2);
    }

    @Test
    void whatIsLeftOutHasADefault() {
        Card.Nvme nvme = (Card.Nvme) Card.parse("nvme");
        assertThat(nvme.blocks() * nvme.blockSize()).isEqualTo(64 << 20);
        assertThat(nvme.serial()).matches("EMU[0-9A-F]{8}");
        assertThat(((Card.Nic) Card.parse("nic")).mac().toString()).startsWith("52:54:00:");
    }

    @Test
    void aFileKeepsItsSerialNumber() {
        assertThat(Card.parse("nvme:file=a")).isEqualTo(Card.parse("nvme:file=a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "gpu", "nvme:", "nvme:size", "nvme:size=", "nvme:size=12Q", "nvme:size=0", "nvme:size=100",
        "nvme:block=520", "nvme:size=1M,size=2M", "nvme:mac=1", "nic:mac=52:54", "nic:size=1M",
        "nvme:serial=a b", "nvme:size=999999999999999T"
    })
    void L5_nonsenseIsRefusedWithTheReason(String text) {
        assertThatThrownBy(() -> Card.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).{15,}");
    }
}
