package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.busbar.emulator.NicChip;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NicFault.Side;

/** Whatever a driver writes, the card does not crash, and is as good as new after a reset. */
final class NicGarbageTest {

    private static final int[] INTERESTING = {
        Reg.CTRL, Reg.RCTL, Reg.TCTL, Reg.RDBAL, Reg.RDLEN, Reg.RDH, Reg.RDT, Reg.TDBAL, Reg.TDLEN, Reg.TDH, Reg.TDT,
        Reg.RFCTL, Reg.IVAR, Reg.EIAC, Reg.IMS, Reg.ICS, Reg.CTRL_EXT, Reg.EERD, Reg.MDIC, Reg.RXCSUM, Reg.MRQC,
        Reg.RETA,
        Reg.RSSRK, Reg.VFTA, Reg.VET, Reg.RDTR, Reg.RADV, Reg.TIDV, Reg.TADV, Reg.ITR, Reg.EITR, Reg.FCRTH, Reg.FCRTL,
        Reg.TARC, Reg.TXDCTL, Reg.RDBAL + Reg.QUEUE_STRIDE, Reg.RDLEN + Reg.QUEUE_STRIDE, Reg.RDT + Reg.QUEUE_STRIDE,
        Reg.TDT + Reg.QUEUE_STRIDE
    };

    @Property(tries = 500)
    void randomRegistersAndDescriptors(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        NicChip chip = NicChip.values()[random.nextInt(NicChip.values().length)];
        try (Bench bench = new Bench(chip, System::nanoTime)) {
            bench.startReceive(Reg.RCTL_BROADCAST | Reg.RCTL_STRIP_FCS);
            bench.startTransmit();
            for (int i = 0; i < 300; i++) {
                switch (random.nextInt(7)) {
                    case 0 -> bench.write(INTERESTING[random.nextInt(INTERESTING.length)], value(random));
                    case 1 -> bench.write(random.nextInt(Reg.SIZE / 4) * 4, random.nextInt());
                    case 2 -> bench.rings.set(
                            ValueLayout.JAVA_LONG, 8L * random.nextInt(0x2000 / 8), Bench.BUFFERS + random.nextLong());
                    case 3 -> bench.write(Reg.CTRL, Reg.CTRL_RST);
                    case 4 -> bench.faults(fault(random));
                    case 5 -> bench.arrive(packet(random));
                    default -> bench.arrive("ff:ff:ff:ff:ff:ff", 60 + random.nextInt(3000));
                }
            }
            bench.faults();
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

    /** For everybody, so that none of them is taken for the frame that comes last. */
    private static byte[] packet(Random random) {
        byte[] frame = Frames.ip(
                random.nextBoolean() ? Frames.OTHER_4 : Frames.OTHER_6,
                Frames.ADDRESS_6,
                random.nextBoolean(),
                random.nextInt(65_536),
                80,
                Frames.payload(random.nextInt(2000)));
        Arrays.fill(frame, 0, 6, (byte) 0xff);
        return random.nextBoolean() ? frame : Frames.tagged(frame, random.nextInt(65_536));
    }

    private static NicFault fault(Random random) {
        Side side = random.nextBoolean() ? Side.RECEIVE : Side.TRANSMIT;
        int every = 1 + random.nextInt(3);
        return switch (random.nextInt(7)) {
            case 0 -> new NicFault.WrongLength(side, every, random.nextInt(65_536));
            case 1 -> new NicFault.RandomStatus(side, every, random.nextLong());
            case 2 -> new NicFault.WrongIndex(side, every, random.nextInt(65_536));
            case 3 -> new NicFault.NeverGiven(side, every);
            case 4 -> new NicFault.GivenBackTwice(side, every);
            case 5 -> new NicFault.TooMany(side, every, 1 + random.nextInt(65_535));
            default -> new NicFault.Garbage(side, every, random.nextLong());
        };
    }

    private static int value(Random random) {
        return random.nextBoolean() ? random.nextInt() : 1 << random.nextInt(32);
    }
}
