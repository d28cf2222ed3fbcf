package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.emulator.Card;
import org.busbar.emulator.Rack.IommuFault;

/** A hostile driver: whatever it does, the model lives, answers after a reset, and stays within the mappings. */
class NvmeFuzzTest {

    private static final int WRITES = 300;
    private static final int COMMANDS = 200;
    private static final int[] OPCODES = {
        0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x15, 0x19, 0x7c, 0x80, 0x81, 0x82, 0xc1, 0xc2
    };

    @Property(tries = 60)
    void L5_randomRegisterWritesNeverCrashTheModel(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        try (EmulatedRack rack = rack()) {
            MiniNvme nvme = MiniNvme.start(rack);
            for (int i = 0; i < WRITES; i++) {
                int width = 1 << random.nextInt(4);
                long range = random.nextInt(4) == 0 ? nvme.bar.size() : 0x40;
                long offset = random.nextLong(range) & -width;
                switch (width) {
                    case 1 -> nvme.bar.write8(offset, random.nextInt());
                    case 2 -> nvme.bar.write16(offset, random.nextInt());
                    case 4 -> nvme.bar.write32(offset, value(random));
                    default -> nvme.bar.write64(offset, random.nextLong());
                }
                nvme.bar.read32(offset & -4);
            }
            assertStillWorks(rack, nvme);
        }
    }

    @Property(tries = 60)
    void L5_randomCommandsNeverCrashTheModelOrReachOutsideTheMappings(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        try (EmulatedRack rack = rack()) {
            MiniNvme nvme = MiniNvme.start(rack);
            MiniNvme.Queue queue = nvme.createQueue(1, 64);
            MemorySegment data = nvme.data(8 * 4096);
            for (long at = 0; at < data.byteSize(); at += 8) {
                data.set(ValueLayout.JAVA_LONG, at, address(random));
            }
            for (int i = 0; i < COMMANDS; i++) {
                MiniNvme.Queue to = random.nextInt(3) == 0 ? nvme.admin : queue;
                int[] dwords = random.ints(6)
                        .map(dword -> random.nextBoolean() ? dword : dword & 0xf_000f)
                        .toArray();
                to.with(address(random), random.nextInt(8) < 4 ? 0 : random.nextInt(4));
                to.put(OPCODES[random.nextInt(OPCODES.length)], random.nextInt(5) - 1, address(random),
                        address(random), dwords);
                to.ring();
                while (to.poll() >= 0) {
                    to.acknowledge();
                }
            }
            assertStillWorks(rack, nvme);
            for (IommuFault fault : rack.iommuFaults()) {
                assertThat(fault.slot()).isEqualTo(1);
            }
        }
    }

    @Property(tries = 30)
    void L8_randomMomentsOfUnmappingNeverLetTheModelTouchFreedMemory(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        try (EmulatedRack rack = rack()) {
            MiniNvme nvme = MiniNvme.start(rack);
            MiniNvme.Queue queue = nvme.createQueue(1, 64);
            for (int round = 0; round < 20; round++) {
                nvme.data(64 * 4096);
                for (int i = 0; i < 32; i++) {
                    queue.put(1 + random.nextInt(2), 1, MiniNvme.DATA + 4096L * i, 0, i, 0, 7);
                }
                queue.ring();
                for (int i = random.nextInt(200); i > 0; i--) {
                    Thread.onSpinWait();
                }
                nvme.handle.dma().unmap(MiniNvme.DATA);
                for (int i = 0; i < 32; i++) {
                    assertThat(queue.await()).isIn(0, 0x04);
                }
            }
            assertStillWorks(rack, nvme);
        }
    }

    private static void assertStillWorks(EmulatedRack rack, MiniNvme nvme)
            throws IOException, DeviceTimeoutException, InterruptedException {
        nvme.handle.config().write16(4, 6);
        nvme.handle.reset(Deadline.afterMillis(10_000));
        assertThat(rack.crash(1)).isNull();
        nvme.handle.dma().unmap(MiniNvme.ADMIN_SQ);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_CQ);
        nvme.enable();
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, 6)).isZero();
        assertThat(nvme.admin.result).isEqualTo(1);
        nvme.close();
        rack.eject(1, Deadline.afterMillis(10_000));
    }

    private static EmulatedRack rack() {
        EmulatedRack rack = new EmulatedRack(1);
        rack.insert(1, Card.parse(
                "nvme:size=1M,namespaces=3,metadata=0+8+16,protection=0+1+3,extended=no+no+yes,version=2.0"));
        return rack;
    }

    /** Mostly harmless bits, so that the controller is often enabled and disabled rather than only broken. */
    private static int value(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> 0x0046_0000 | random.nextInt(2);
            default -> random.nextInt(64);
        };
    }

    /** Mapped pages, pages that are not mapped, and anything at all. */
    private static long address(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextLong();
            case 1 -> MiniNvme.DATA + 4096L * random.nextInt(64);
            case 2 -> MiniNvme.DATA + 4L * random.nextInt(8192);
            default -> MiniNvme.DATA + 4096L * random.nextInt(8);
        };
    }
}
