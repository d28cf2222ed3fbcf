package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.busbar.emulator.Card;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.Ssd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several namespaces: how they are listed, named, made, attached and changed while a driver uses them. */
@Timeout(60)
class NvmeNamespacesTest {

    private static final int PAGE = 4096;
    private static final int DNR = 0x4000;
    private static final int IDENTIFY = 0x06;
    private static final int MANAGE = 0x0d;
    private static final int ATTACH = 0x15;

    private final EmulatedRack rack = new EmulatedRack(1);
    private MiniNvme nvme;
    private MemorySegment data;
    private Ssd ssd;

    private void start(String card) throws IOException {
        rack.insert(1, Card.parse(card));
        nvme = MiniNvme.start(rack);
        data = nvme.data(2 * PAGE);
        ssd = rack.ssd(1);
    }

    @AfterEach
    void theModelHasNotCrashed() {
        assertThat(rack.crash(1)).isNull();
        rack.close();
    }

    @Test
    void eachNamespaceHasASizeAFormatAndNamesOfItsOwn() throws IOException {
        start("nvme:size=16M+8M+1M,block=512+4096,metadata=0+0+8,protection=0+0+1,extended=no+no+yes,serial=S1");
        assertThat(identify(1, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(32_768);
        assertThat(lbaFormat()).isEqualTo(9 << 16);
        assertThat(identify(2, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(2048);
        assertThat(lbaFormat()).isEqualTo(12 << 16);
        assertThat(identify(3, 0)).isZero();
        assertThat(lbaFormat()).isEqualTo((12 << 16) | 8);
        assertThat(data.get(ValueLayout.JAVA_BYTE, 26) & 0x10).as("extended").isEqualTo(0x10);
        assertThat(data.get(ValueLayout.JAVA_BYTE, 29)).as("type 1").isEqualTo((byte) 1);

        List<String> names = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            assertThat(identify(id, 0)).isZero();
            String nguid = hex(104, 16);
            String eui64 = hex(120, 8);
            assertThat(identify(id, 3)).isZero();
            assertThat(hex(0, 4)).as("EUI-64").isEqualTo("01080000");
            assertThat(hex(4, 8)).isEqualTo(eui64);
            assertThat(hex(12, 4)).as("NGUID").isEqualTo("02100000");
            assertThat(hex(16, 16)).isEqualTo(nguid);
            assertThat(hex(32, 4)).as("UUID").isEqualTo("03100000");
            assertThat(hex(36, 16))
                    .isEqualTo(ssd.namespaces().get(id - 1).uuid().replace("-", ""));
            assertThat(hex(52, 4)).as("end of list").isEqualTo("00000000");
            names.addAll(List.of(nguid, eui64, hex(36, 16)));
        }
        assertThat(names).doesNotHaveDuplicates();
        assertThat(UUID.fromString(ssd.namespaces().getFirst().uuid()).version()).isEqualTo(3);
    }

    @Test
    void blocksOfOneNamespaceAreNotThoseOfAnother() throws IOException {
        start("nvme:size=1M,namespaces=3");
        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        for (int id = 1; id <= 3; id++) {
            data.fill((byte) id);
            assertThat(queue.run(0x01, id, MiniNvme.DATA, 0, 5, 0, 0)).isZero();
        }
        for (int id = 1; id <= 3; id++) {
            assertThat(queue.run(0x02, id, MiniNvme.DATA, 0, 5, 0, 0)).isZero();
            assertThat(data.get(ValueLayout.JAVA_BYTE, 511)).isEqualTo((byte) id);
        }
        assertThat(queue.run(0x00, -1, 0, 0)).as("flush of all").isZero();
    }

    @Test
    void listsOfMoreThan1024GoOnWhereTheLastEnded() throws IOException {
        start("nvme:size=4K,namespaces=1500,max=2000");
        List<Integer> all = new ArrayList<>();
        assertThat(identify(0, 2)).isZero();
        addList(all);
        assertThat(all).hasSize(1024);
        assertThat(identify(all.getLast(), 2)).isZero();
        addList(all);
        assertThat(all).hasSize(1500).isSorted().doesNotHaveDuplicates();
        assertThat(identify(1500, 2)).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 0)).isZero();
        assertThat(identify(-1, 2)).isEqualTo(DNR | 0x0b);
        assertThat(identify(-2, 2)).isEqualTo(DNR | 0x0b);
    }

    @Test
    void namespacesThatAreNotAttachedAreAllocatedButNotActive() throws IOException {
        start("nvme:size=1M,namespaces=3");
        ssd.detach(2);
        List<Integer> active = new ArrayList<>();
        assertThat(identify(0, 2)).isZero();
        addList(active);
        assertThat(active).containsExactly(1, 3);
        List<Integer> allocated = new ArrayList<>();
        assertThat(identify(0, 0x10)).isZero();
        addList(allocated);
        assertThat(allocated).containsExactly(1, 2, 3);
        assertThat(identify(2, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).as("inactive: zeros").isZero();
        assertThat(identify(2, 0x11)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(2048);
        assertThat(identify(2, 3)).isEqualTo(DNR | 0x02);

        assertThat(identify(1, 0x12)).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 0)).as("attached to controller 1").isEqualTo(0x1_0001);
        assertThat(identify(2, 0x12)).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 0)).as("to none").isZero();
        assertThat(identify(0, 0x13)).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 0)).isEqualTo(0x1_0001);
        assertThat(nvme.admin.run(IDENTIFY, 0, MiniNvme.DATA, 0, 0x13 | (2 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 0)).as("none from 2 on").isZero();

        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        assertThat(queue.run(0x02, 2, MiniNvme.DATA, 0, 0, 0, 0)).isEqualTo(DNR | 0x02);
        ssd.attach(2);
        assertThat(queue.run(0x02, 2, MiniNvme.DATA, 0, 0, 0, 0)).isZero();
    }

    @Test
    void aDriverCanMakeAttachDetachAndDeleteNamespaces() throws IOException {
        start("nvme:size=1M,capacity=4M,max=4");
        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        assertThat(nvme.admin.run(IDENTIFY, 0, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 280)).as("TNVMCAP").isEqualTo(4 << 20);
        assertThat(data.get(ValueLayout.JAVA_LONG, 296)).as("UNVMCAP").isEqualTo(3 << 20);

        description(4096, 0);
        assertThat(nvme.admin.run(MANAGE, 0, MiniNvme.DATA, 0, 0)).isZero();
        assertThat(nvme.admin.result).isEqualTo(2);
        controllers(1);
        assertThat(nvme.admin.run(ATTACH, 2, MiniNvme.DATA, 0, 0)).isZero();
        assertThat(nvme.admin.run(ATTACH, 2, MiniNvme.DATA, 0, 0)).isEqualTo(DNR | 0x118);
        assertThat(queue.run(0x01, 2, MiniNvme.DATA, 0, 4095, 0, 0)).isZero();
        assertThat(nvme.admin.run(ATTACH, 2, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(nvme.admin.run(ATTACH, 2, MiniNvme.DATA, 0, 1)).isEqualTo(DNR | 0x11a);
        assertThat(nvme.admin.run(ATTACH, 3, MiniNvme.DATA, 0, 0)).isEqualTo(DNR | 0x02);
        controllers(7);
        assertThat(nvme.admin.run(ATTACH, 2, MiniNvme.DATA, 0, 0)).isEqualTo(DNR | 0x11c);

        description(4096, 0);
        assertThat(nvme.admin.run(MANAGE, 0, MiniNvme.DATA, 0, 0)).as("too large").isEqualTo(DNR | 0x115);
        description(8, 15);
        assertThat(nvme.admin.run(MANAGE, 0, MiniNvme.DATA, 0, 0)).as("no such format").isEqualTo(DNR | 0x10a);
        description(8, 0);
        assertThat(nvme.admin.run(MANAGE, 0, MiniNvme.DATA, 0, 0)).isZero();
        assertThat(nvme.admin.run(MANAGE, 0, MiniNvme.DATA, 0, 0)).isZero();
        assertThat(nvme.admin.run(MANAGE, 0, MiniNvme.DATA, 0, 0)).as("no identifier").isEqualTo(DNR | 0x116);

        assertThat(nvme.admin.run(MANAGE, 2, 0, 0, 1)).isZero();
        assertThat(nvme.admin.run(MANAGE, 2, 0, 0, 1)).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(MANAGE, 99, 0, 0, 1)).isEqualTo(DNR | 0x0b);
        assertThat(nvme.admin.run(MANAGE, -1, 0, 0, 1)).isZero();
        assertThat(ssd.namespaces()).isEmpty();
        assertThat(queue.run(0x02, 1, MiniNvme.DATA, 0, 0, 0, 0)).isEqualTo(DNR | 0x02);
    }

    @Test
    void changesFromBehindAreAnnouncedOnceUntilTheListIsRead() throws IOException {
        start("nvme:size=1M,namespaces=2");
        assertThat(nvme.admin.run(0x09, 0, 0, 0, 0x0b, 1 << 8)).isZero();
        int first = nvme.admin.put(0x0c, 0, 0, 0);
        int second = nvme.admin.put(0x0c, 0, 0, 0);
        nvme.admin.ring();

        ssd.resize(2, 100);
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.command).isEqualTo(first);
        assertThat(nvme.admin.result).as("notice, namespace changed, log 4").isEqualTo(0x0004_0002);
        int added = ssd.add(NvmeNamespace.of(64, 512));
        assertThat(added).isEqualTo(3);
        ssd.delete(1);
        assertThat(nvme.admin.poll()).as("no second event before the list is read").isEqualTo(-1);

        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 4 | (1 << 15) | (1023 << 16))).isZero();
        assertThat(changedList()).as("retained").containsExactly(1, 2, 3);
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 4 | (1023 << 16))).isZero();
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 4 | (1023 << 16))).isZero();
        assertThat(changedList()).as("read once").isEmpty();
        ssd.detach(3);
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.command).as("a change after that is news").isEqualTo(second);
        ssd.attach(3);
        assertThat(identify(2, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(100);
        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        assertThat(queue.run(0x02, 2, MiniNvme.DATA, 0, 100, 0, 0)).isEqualTo(DNR | 0x80);
        assertThat(queue.run(0x02, 3, MiniNvme.DATA, 0, 63, 0, 0)).isZero();
    }

    @Test
    void aNamespaceInAFileGrowsAndShrinksWithIt(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("disk");
        start("nvme:size=1M,file=" + file);
        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        data.fill((byte) 6);
        assertThat(queue.write(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(queue.write(2047, 1, MiniNvme.DATA, 0)).isZero();
        ssd.resize(1, 4096);
        assertThat(file).hasSize(2 << 20);
        assertThat(queue.write(4095, 1, MiniNvme.DATA, 0)).isZero();
        ssd.resize(1, 100);
        assertThat(queue.read(100, 1, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x80);
        ssd.resize(1, 2048);
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 6);
        assertThat(queue.read(2047, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 0)).as("what lay beyond the end is lost").isZero();
    }

    @Test
    void withoutNoticesNobodyIsTold() throws IOException {
        start("nvme:size=1M,without=notices");
        assertThat(nvme.admin.run(IDENTIFY, 0, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(data.get(ValueLayout.JAVA_INT, 92)).as("OAES").isZero();
        assertThat(nvme.admin.run(0x09, 0, 0, 0, 0x0b, 1 << 8)).isZero();
        nvme.admin.put(0x0c, 0, 0, 0);
        nvme.admin.ring();
        ssd.resize(1, 100);
        assertThat(identify(1, 0)).as("the next completion is this one").isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(100);
    }

    @Test
    void whatCannotBeIsRefused() throws IOException {
        start("nvme:size=1M,max=1");
        assertThatThrownBy(() -> ssd.resize(1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ssd.resize(2, 1)).hasMessageContaining("no namespace 2");
        assertThatThrownBy(() -> ssd.add(NvmeNamespace.of(8, 512))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> NvmeNamespace.of(8, 512).with(0, false, 1)).hasMessageContaining("8 bytes");
        assertThatThrownBy(() -> rack.ssd(2)).isInstanceOf(IllegalArgumentException.class);
        assertThat(ssd.namespaces()).hasSize(1);
        rack.pull(1);
        assertThatThrownBy(ssd::namespaces).hasMessageContaining("taken out");
        rack.insert(1, Card.parse("nvme"));
    }

    private int identify(int namespace, int what) {
        return nvme.admin.run(IDENTIFY, namespace, MiniNvme.DATA, 0, what);
    }

    /** Returns the format that the namespace's blocks have. */
    private int lbaFormat() {
        return data.get(ValueLayout.JAVA_INT, 128 + 4L * (data.get(ValueLayout.JAVA_BYTE, 26) & 0xf));
    }

    private void addList(List<Integer> ids) {
        for (int i = 0; i < 1024 && data.getAtIndex(ValueLayout.JAVA_INT, i) != 0; i++) {
            ids.add(data.getAtIndex(ValueLayout.JAVA_INT, i));
        }
    }

    private List<Integer> changedList() {
        List<Integer> ids = new ArrayList<>();
        addList(ids);
        return ids;
    }

    private void description(long blocks, int format) {
        data.fill((byte) 0);
        data.set(ValueLayout.JAVA_LONG, 0, blocks);
        data.set(ValueLayout.JAVA_LONG, 8, blocks);
        data.set(ValueLayout.JAVA_BYTE, 26, (byte) format);
    }

    private void controllers(int id) {
        data.fill((byte) 0);
        data.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
        data.set(ValueLayout.JAVA_SHORT, 2, (short) id);
    }

    private String hex(long offset, int length) {
        return HexFormat.of().formatHex(data.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
