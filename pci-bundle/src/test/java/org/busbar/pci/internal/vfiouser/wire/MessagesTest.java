package org.busbar.pci.internal.vfiouser.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Messages survive being written and read, and bytes that are none are refused and do no harm. */
class MessagesTest {

    private interface Decoder {
        Object decode(ByteBuffer bytes) throws MalformedMessageException;
    }

    private static final List<Decoder> DECODERS = List.of(
            bytes -> Header.decode(bytes, MessageSocket.LARGEST), Version::decode, DmaMap::decode, DmaUnmap::decode,
            DeviceInfo::decode, InterruptInfo::decode, InterruptSet::decode, RegionAccess::decode, DmaAccess::decode,
            RegionInfo::decode);

    @Property
    void aHeaderIsReadAsItWasWritten(
            @ForAll @IntRange(max = 0xffff) int id,
            @ForAll @IntRange(max = 0xffff) int command,
            @ForAll @IntRange(min = Header.SIZE, max = MessageSocket.LARGEST) int size,
            @ForAll boolean reply,
            @ForAll @IntRange(max = 3) int bits,
            @ForAll int error) throws Exception {
        Header header = new Header(id, command, size, (reply ? 1 : 0) | bits << 4, error);
        ByteBuffer bytes = Form.buffer(Header.SIZE);
        header.encode(bytes);

        assertThat(Header.decode(bytes.flip(), MessageSocket.LARGEST)).isEqualTo(header);
    }

    @Property
    void aHeaderWithAnImpossibleLengthIsRefused(@ForAll int size) {
        ByteBuffer bytes = Form.buffer(Header.SIZE);
        new Header(1, Command.DMA_MAP, size, 0, 0).encode(bytes);

        if (size < Header.SIZE || size > MessageSocket.LARGEST) {
            assertThatThrownBy(() -> Header.decode(bytes.flip(), MessageSocket.LARGEST))
                    .isInstanceOf(MalformedMessageException.class)
                    .hasMessageContaining(Integer.toUnsignedString(size) + " bytes");
        } else {
            assertThat(size).isBetween(Header.SIZE, MessageSocket.LARGEST);
        }
    }

    @Property
    void structuresAreReadAsTheyWereWritten(
            @ForAll int a, @ForAll int b, @ForAll @IntRange(min = 0) int c, @ForAll long x, @ForAll long y,
            @ForAll long z) throws Exception {
        DmaMap map = new DmaMap(a, x, y, z);
        assertThat(DmaMap.decode(map.encode())).isEqualTo(map);
        DmaUnmap unmap = new DmaUnmap(a & ~DmaUnmap.DIRTY_BITMAP, x, y);
        assertThat(DmaUnmap.decode(unmap.encode())).isEqualTo(unmap);
        DeviceInfo device = new DeviceInfo(a, b, c);
        assertThat(DeviceInfo.decode(device.encode())).isEqualTo(device);
        InterruptInfo interrupts = new InterruptInfo(a, b, c);
        assertThat(InterruptInfo.decode(interrupts.encode())).isEqualTo(interrupts);
        InterruptSet set = new InterruptSet(a & ~InterruptSet.DATA_BOOL, b, c, b);
        assertThat(InterruptSet.decode(set.encode())).isEqualTo(set);
        RegionAccess access = new RegionAccess(x, a, b);
        assertThat(RegionAccess.decode(access.encode(0).flip())).isEqualTo(access);
        DmaAccess dma = new DmaAccess(x, y);
        assertThat(DmaAccess.decode(dma.encode(0).flip())).isEqualTo(dma);
    }

    @Property
    void aRegionIsReadAsItWasWritten(@ForAll("areas") List<RegionInfo.Area> areas, @ForAll long size) throws Exception {
        RegionInfo info = new RegionInfo(4_096, RegionInfo.MMAP | RegionInfo.CAPS, 3, size, 7, Optional.of(areas));

        assertThat(RegionInfo.decode(info.encode(true))).isEqualTo(info);
        assertThat(RegionInfo.decode(info.encode(false)).sparse()).isEmpty();
    }

    @Provide
    Arbitrary<List<RegionInfo.Area>> areas() {
        return Combinators.combine(Arbitraries.longs(), Arbitraries.longs())
                .as(RegionInfo.Area::new)
                .list()
                .ofMaxSize(9);
    }

    @Property
    void aVersionIsReadAsItWasWritten(
            @ForAll @IntRange(max = 0xffff) int minor,
            @ForAll @IntRange(min = 1, max = 999_999_999) int descriptors,
            @ForAll @IntRange(min = 1, max = 999_999_999) int transfer) throws Exception {
        Version version = new Version(0, minor, descriptors, transfer);

        assertThat(Version.decode(version.encode())).isEqualTo(version);
    }

    @Example
    void aVersionThatSaysNothingHasDefaults() throws Exception {
        ByteBuffer bytes = Form.buffer(4).putShort((short) 0).putShort((short) 1).flip();

        assertThat(Version.decode(bytes)).isEqualTo(new Version(0, 1, 1, 1 << 20));
    }

    @Example
    void capabilitiesOfOthersAreUnderstood() throws Exception {
        byte[] json = "{\"capabilities\": {\"max_msg_fds\" : 8, \"migration\":{\"pgsize\":4096}, \"twin\":[1]}}\0"
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = Form.buffer(4 + json.length).putShort((short) 0).putShort((short) 1).put(json).flip();

        assertThat(Version.decode(bytes).maxDescriptors()).isEqualTo(8);
    }

    @Example
    void capabilitiesWithoutAnEndAreRefused() {
        ByteBuffer bytes =
                Form.buffer(6).putShort((short) 0).putShort((short) 1).put((byte) '{').put((byte) '}').flip();

        assertThatThrownBy(() -> Version.decode(bytes)).isInstanceOf(MalformedMessageException.class);
    }

    @Property(tries = 5_000)
    void anyBytesAreAMessageOrAreRefused(@ForAll byte[] noise, @ForAll @IntRange(max = 9) int which) {
        assertThat(outcome(DECODERS.get(which), noise)).isNotNull();
    }

    /** Capabilities are a list linked by offsets, which may point anywhere. */
    @Property(tries = 5_000)
    void capabilitiesThatPointAnywhereAreRefused(@ForAll int first, @ForAll int count, @ForAll int next) {
        RegionInfo info = new RegionInfo(
                4_096, RegionInfo.CAPS, 0, 1, 0, Optional.of(List.of(new RegionInfo.Area(0, 1))));
        ByteBuffer bytes = info.encode(true);
        bytes.putInt(12, first & 0x3f).putInt(32 + 4, next & 0x7f).putInt(32 + 8, count);

        assertThat(outcome(RegionInfo::decode, bytes.array())).isNotNull();
    }

    private static Object outcome(Decoder decoder, byte[] bytes) {
        try {
            return decoder.decode(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        } catch (MalformedMessageException e) {
            return e;
        }
    }

    @Example
    void everyStructureThatIsCutOffIsRefused() {
        List<ByteBuffer> whole = List.of(new DmaMap(1, 2, 3, 4).encode(), new DmaUnmap(0, 2, 3).encode(),
                new DeviceInfo(1, 2, 3).encode(), new InterruptInfo(1, 2, 3).encode(),
                new InterruptSet(1, 2, 3, 4).encode(), new RegionAccess(1, 2, 3).encode(0).flip(),
                new DmaAccess(1, 2).encode(0).flip(), RegionInfo.question(0, 32).encode(false));
        List<Decoder> decoders = DECODERS.subList(2, DECODERS.size());
        List<Integer> accepted = new ArrayList<>();
        for (int i = 0; i < whole.size(); i++) {
            ByteBuffer bytes = whole.get(i);
            for (int length = 0; length < bytes.limit(); length++) {
                if (!(outcome(decoders.get(i), java.util.Arrays.copyOf(bytes.array(), length)) instanceof Exception)) {
                    accepted.add(i);
                }
            }
        }
        assertThat(accepted).as("structures that were read though they were cut off").isEmpty();
    }
}
