package org.busbar.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
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
        assertThat(Card.parse("nic:model=82545em,mac=52:54:00:12:34:56"))
                .isEqualTo(new Card.Nic(MacAddress.parse("52:54:00:12:34:56"), NicChip.I82545EM));
        assertThat(Card.parse("e1000e:mac=52:54:00:12:34:56"))
                .isEqualTo(new Card.Nic(MacAddress.parse("52:54:00:12:34:56"), NicChip.I82574L));
        assertThat(((Card.Nic) Card.parse("e1000")).chip()).isEqualTo(NicChip.I82540EM);
        assertThat(((Card.Nic) Card.parse("e1000:model=82545EM")).chip()).isEqualTo(NicChip.I82545EM);
        assertThat(Card.parse("virtio-net:mac=52:54:00:12:34:56,queues=4,mtu=9000"))
                .isEqualTo(new Card.VirtioNet(MacAddress.parse("52:54:00:12:34:56"), 4, 9000));
        assertThat(((Card.Nvme) Card.parse("nvme:size=1024")).blocks()).isEqualTo(2);
    }

    @Test
    void namespacesAndOptionsCount() {
        Card.Nvme card =
                (Card.Nvme) Card.parse("nvme:size=1M+2M,namespaces=3,block=512+4096,metadata=0+8,protection=0+2,"
                        + "extended=no+yes,version=2.0,max=40,mdts=5,queues=4,capacity=1G,timeout=2,without=sgl+subsystem-reset");
        assertThat(card.namespaces())
                .containsExactly(
                        NvmeNamespace.of(2048, 512),
                        NvmeNamespace.of(512, 4096).with(8, true, 2),
                        NvmeNamespace.of(512, 4096).with(8, true, 2));
        assertThat(card.options())
                .isEqualTo(new NvmeOptions(true, 40, 5, 4, 1 << 30, 2,
                        Set.of(NvmeOptions.Feature.SGL, NvmeOptions.Feature.SUBSYSTEM_RESET)));
        assertThat(card.options().has(NvmeOptions.Feature.COPY)).isTrue();
        assertThat(((Card.Nvme) Card.parse("nvme:namespaces=0")).namespaces()).isEmpty();
        assertThat(((Card.Nvme) Card.parse("nvme:namespaces=100,size=1M")).options().maxNamespaces()).isEqualTo(100);
    }

    @Test
    void theExampleThatIsShownToWhoeverErrsIsRight() {
        assertThatThrownBy(() -> Card.parse("gpu"))
                .hasMessageContaining("nvme:size=64M+32M,metadata=0+8,protection=0+1,version=2.0,without=sgl+copy");
        Card.Nvme card =
                (Card.Nvme) Card.parse("nvme:size=64M+32M,metadata=0+8,protection=0+1,version=2.0,without=sgl+copy");
        assertThat(card.namespaces()).hasSize(2);
    }

    @Test
    void whatIsLeftOutHasADefault() {
        Card.Nvme nvme = (Card.Nvme) Card.parse("nvme");
        assertThat(nvme.blocks() * nvme.blockSize()).isEqualTo(64 << 20);
        assertThat(nvme.serial()).matches("EMU[0-9A-F]{8}");
        assertThat(((Card.Nic) Card.parse("nic")).mac().toString()).startsWith("52:54:00:");
        Card.VirtioNet virtio = (Card.VirtioNet) Card.parse("virtio-net");
        assertThat(virtio).isEqualTo(new Card.VirtioNet(virtio.mac()));
    }

    @Test
    void aFileKeepsItsSerialNumber() {
        assertThat(Card.parse("nvme:file=a")).isEqualTo(Card.parse("nvme:file=a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "gpu", "virtio-net:queues=0", "virtio-net:mtu=9001", "virtio-net:queues=x", "virtio-net:size=1M", "nvme:",
        "nvme:size", "nvme:size=", "nvme:size=12Q", "nvme:size=0", "nvme:size=100",
        "nvme:block=520", "nvme:size=1M,size=2M", "nvme:mac=1", "nic:mac=52:54", "nic:size=1M", "nic:model=82599",
        "e1000:model=82574L", "e1000e:model=82540EM",
        "nvme:namespaces=x", "nvme:namespaces=3,max=2", "nvme:metadata=7", "nvme:protection=1", "nvme:version=1.3",
        "nvme:without=everything", "nvme:extended=maybe", "nvme:mdts=8", "nvme:file=a,namespaces=2", "nvme:timeout=0",
        "nvme:file=a,metadata=8", "nvme:serial=a b", "nvme:size=999999999999999T"
    })
    void L5_nonsenseIsRefusedWithTheReason(String text) {
        assertThatThrownBy(() -> Card.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).{15,}");
    }
}
