package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever a driver writes, the card does not crash, and is as good as new after a reset. */
final class NicGarbageTest {

    private static final int[] INTERESTING = {
        Reg.CTRL, Reg.RCTL, Reg.TCTL, Reg.RDBAL, Reg.RDLEN, Reg.RDH, Reg.RDT, Reg.TDBAL, Reg.TDLEN, Reg.TDH, Reg.TDT,
        Reg.RFCTL, Reg.IVAR, Reg.EIAC, Reg.IMS, Reg.ICS, Reg.CTRL_EXT, Reg.EERD, Reg.MDIC
    };

    @Property(tries = 500)
    void randomRegistersAndDescriptors(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        try (Bench bench = new Bench()) {
            bench.startReceive(Reg.RCTL_BROADCAST | Reg.RCTL_STRIP_FCS);
            bench.startTransmit();
            for (int i = 0; i < 300; i++) {
                switch (random.nextInt(5)) {
                    case 0 -> bench.write(INTERESTING[random.nextInt(INTERESTING.length)], value(random));
                    case 1 -> bench.write(random.nextInt(Reg.SIZE / 4) * 4, random.nextInt());
                    case 2 -> bench.rings.set(
                            ValueLayout.JAVA_LONG, 8L * random.nextInt(0x2000 / 8), Bench.BUFFERS + random.nextLong());
                    case 3 -> bench.write(Reg.CTRL, Reg.CTRL_RST);
                    default -> bench.arrive("ff:ff:ff:ff:ff:ff", 60 + random.nextInt(3000));
                }
            }
            bench.write(Reg.CTRL, Reg.CTRL_RST);
            Bench.await("the reset", () -> (bench.read(Reg.CTRL) & Reg.CTRL_RST) == 0);
            Bench.await("the link", () -> (bench.read(Reg.STATUS) & Reg.STATUS_LINK_UP) != 0);
            bench.startReceive(Reg.RCTL_STRIP_FCS);
            // Sent again until one is there: the card may still be letting frames pass by that it read as off a moment ago.
            Bench.await("a frame as ever", () -> {
                bench.arrive(Bench.MAC.toString(), 77);
                return (bench.received(0) & 1L << 32) != 0;
            });
            assertThat(bench.received(0) & 0xffff).isEqualTo(77);
        }
    }

    private static int value(Random random) {
        return random.nextBoolean() ? random.nextInt() : 1 << random.nextInt(32);
    }
}
