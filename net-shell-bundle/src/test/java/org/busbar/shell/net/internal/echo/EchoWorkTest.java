package org.busbar.shell.net.internal.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.PortFeature;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.net.internal.MemoryPort;
import org.busbar.shell.net.internal.Pings;
import org.busbar.shell.net.internal.run.Stop;
import org.busbar.shell.net.internal.wire.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class EchoWorkTest {

    private static final String SIX = "fd00::1";

    private static MemoryPort port(PortFeature... more) {
        List<PortFeature> features = new ArrayList<>(List.of(more));
        features.add(PortFeature.MULTICAST_FILTER);
        return new MemoryPort("e000:03:00.0", 1, 2048, features.toArray(PortFeature[]::new));
    }

    /** Has frames answered, and returns so many of the answers. */
    private static List<byte[]> answers(MemoryPort port, List<byte[]> frames, int count) throws Exception {
        EchoWork work = new EchoWork(port, List.of("10.7.0.1", SIX));
        Stop stop = new Stop(Optional.empty());
        work.open();
        CompletableFuture<Void> run = CompletableFuture.runAsync(() -> {
            try {
                work.run(stop);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }, Thread.ofPlatform().daemon()::start);
        frames.forEach(port::arrive);
        port.arrive(Pings.arp(Pings.OURS)); // whose answer is the last: so that more than expected is seen
        List<byte[]> sent = port.sent(count + 1);
        stop.ask();
        run.get(20, TimeUnit.SECONDS);
        work.close();
        assertThat(port.packetsOut()).as("packets that were kept").isZero();
        assertThat(port.openQueues()).isZero();
        assertThat(sent).hasSize(count + 1);
        return sent.subList(0, count);
    }

    @Test
    void arpForOursIsAnsweredAndNoOther() throws Exception {
        MemoryPort port = port();

        MemorySegment answer = MemorySegment.ofArray(
                answers(port, List.of(Pings.arp(Pings.OURS + 1), Pings.arp(Pings.OURS)), 1).getFirst());

        assertThat(Wire.u16(answer, 20)).isEqualTo(2);
        assertThat(Wire.i32(answer, 28)).isEqualTo(Pings.OURS);
        assertThat(Wire.i32(answer, 38)).isEqualTo(Pings.THEIRS);
        assertThat(answer.asSlice(0, 6).mismatch(answer.asSlice(32, 6))).isEqualTo(-1);
        assertThat(answer.asSlice(6, 6).mismatch(answer.asSlice(22, 6))).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 56, 1400, 1472, 1473, 4000, 8900, 65_507})
    void pingOfAnySizeComesBack(int payload) throws Exception {
        MemoryPort port = port();
        List<byte[]> request = Pings.ipv4(port.mac(), payload, 1500);

        byte[] icmp = Pings.reassembled4(answers(port, request, request.size()));

        assertThat(Pings.isSound4(icmp)).isTrue();
        assertThat(icmp).hasSize(payload + 8).startsWith((byte) 0, (byte) 0);
        assertThat(Arrays.copyOfRange(icmp, 4, icmp.length))
                .isEqualTo(Arrays.copyOfRange(Pings.bytes(Pings.icmp(payload, false)), 4, payload + 8));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 56, 1452, 1453, 8900})
    void pingOverIpv6ComesBack(int payload) throws Exception {
        MemoryPort port = port();
        List<byte[]> request = Pings.ipv6(port.mac(), SIX, payload, 1500);

        byte[] icmp = Pings.reassembled6(answers(port, request, request.size()));

        assertThat(Pings.isSound6(icmp, SIX, "fd00::fe")).isTrue();
        assertThat(icmp).hasSize(payload + 8).startsWith((byte) 129, (byte) 0);
    }

    @Test
    void jumboInSeveralBuffersIsTurnedRoundWhereThePortSendsSeveral() throws Exception {
        MemoryPort port = port(PortFeature.SCATTERED_TRANSMIT);
        port.changeMtu(9000);

        List<byte[]> answers = answers(port, Pings.ipv4(port.mac(), 8900, 9000), 1);

        assertThat(Pings.isSound4(Pings.reassembled4(answers))).isTrue();
        assertThat(answers.getFirst()).hasSize(14 + 20 + 8 + 8900);
    }

    @Test
    void jumboInSeveralBuffersIsFragmentedWhereThePortDoesNot() throws Exception {
        MemoryPort port = port();
        port.changeMtu(9000);

        List<byte[]> answers = answers(port, Pings.ipv4(port.mac(), 8900, 9000), 5);

        assertThat(Pings.isSound4(Pings.reassembled4(answers))).isTrue();
        assertThat(answers).allMatch(frame -> frame.length <= 2048);
    }

    @Test
    void fragmentsMayComeInAnyOrderAndTwice() throws Exception {
        MemoryPort port = port();
        List<byte[]> request = new ArrayList<>(Pings.ipv4(port.mac(), 8900, 1500));
        int pieces = request.size();
        List<byte[]> twice = new ArrayList<>(request.subList(0, pieces - 1));
        twice.addAll(request);
        Collections.shuffle(twice.subList(0, pieces - 1), new Random(1));

        assertThat(Pings.isSound4(Pings.reassembled4(answers(port, twice, pieces)))).isTrue();
    }

    @Test
    void overlappingFragmentsAreGivenUp() throws Exception {
        MemoryPort port = port();
        List<byte[]> request = Pings.ipv4(port.mac(), 4000, 1500);
        byte[] shifted = request.get(1).clone();
        MemorySegment frame = MemorySegment.ofArray(shifted);
        Wire.put16(frame, 20, Wire.u16(frame, 20) - 1);
        Wire.put16(frame, 24, 0);
        Wire.put16(frame, 24, Wire.fold(Wire.sum(frame, 14, 34, 0)));

        assertThat(answers(port, List.of(request.getFirst(), shifted, request.get(2)), 0)).isEmpty();
    }

    @Test
    void fragmentsThatAreNeverWholeTakeNoMoreThanTheirPlaces() throws Exception {
        MemoryPort port = port();
        List<byte[]> frames = new ArrayList<>();
        for (int id = 0; id < 200; id++) {
            byte[] first = Pings.ipv4(port.mac(), 4000, 1500).getFirst();
            MemorySegment frame = MemorySegment.ofArray(first);
            Wire.put16(frame, 18, id);
            Wire.put16(frame, 24, 0);
            Wire.put16(frame, 24, Wire.fold(Wire.sum(frame, 14, 34, 0)));
            frames.add(first);
        }
        frames.addAll(Pings.ipv4(port.mac(), 4000, 1500));

        assertThat(Pings.isSound4(Pings.reassembled4(answers(port, frames, 3)))).isTrue();
    }

    @Test
    void neighbourSolicitationIsAnswered() throws Exception {
        MemoryPort port = port();

        byte[] answer = answers(port, List.of(Pings.solicitation("fd00::fe", SIX)), 1).getFirst();

        MemorySegment frame = MemorySegment.ofArray(answer);
        assertThat(Wire.u16(frame, 54)).isEqualTo(0x8800);
        assertThat(Wire.i32(frame, 58)).isEqualTo(0x6000_0000);
        assertThat(frame.asSlice(80, 6).mismatch(frame.asSlice(6, 6))).isEqualTo(-1);
        assertThat(Pings.isSound6(Arrays.copyOfRange(answer, 54, 86), SIX, "fd00::fe")).isTrue();
        assertThat(port.settings()).containsExactly("multicast [33:33:ff:00:00:01]", "multicast []");
    }

    @Test
    void whoWantsTheAddressForHimselfIsToldWithAllOthers() throws Exception {
        MemoryPort port = port();

        byte[] answer = answers(port, List.of(Pings.solicitation("::", SIX)), 1).getFirst();

        assertThat(Arrays.copyOf(answer, 6)).containsExactly(0x33, 0x33, 0, 0, 0, 1);
        assertThat(Arrays.copyOfRange(answer, 38, 54)).isEqualTo(Pings.address("ff02::1"));
        assertThat(Pings.isSound6(Arrays.copyOfRange(answer, 54, 86), SIX, "ff02::1")).isTrue();
    }

    @Test
    void aTagStays() throws Exception {
        MemoryPort port = port();
        byte[] plain = Pings.ipv4(port.mac(), 56, 1500).getFirst();
        byte[] tagged = new byte[plain.length + 4];
        System.arraycopy(plain, 0, tagged, 0, 12);
        Wire.put32(MemorySegment.ofArray(tagged), 12, 0x8100_0064);
        System.arraycopy(plain, 12, tagged, 16, plain.length - 12);

        MemorySegment answer = MemorySegment.ofArray(answers(port, List.of(tagged), 1).getFirst());

        assertThat(Wire.i32(answer, 12)).isEqualTo(0x8100_0064);
        assertThat(Wire.u8(answer, 18 + 20)).isZero();
    }

    @Property(tries = 300)
    void garbageIsNotAnsweredAndHarmsNobody(
            @ForAll @Size(max = 8) List<@Size(min = 1, max = 200) byte[]> frames,
            @ForAll @IntRange(max = 2) int kind)
            throws Exception {
        MemoryPort port = port();
        List<byte[]> arriving = new ArrayList<>();
        for (byte[] frame : frames) {
            byte[] request =
                    switch (kind) {
                        case 0 -> frame.clone();
                        case 1 -> Pings.ipv4(port.mac(), 3000, 1500).getFirst();
                        default -> Pings.ipv6(port.mac(), SIX, 3000, 1500).getFirst();
                    };
            for (int i = 0; kind > 0 && i < frame.length; i++) { // a real one with some bytes that are not
                request[14 + Math.floorMod(frame[i] * 31 + i, 70)] ^= frame[i];
            }
            arriving.add(kind > 0 ? Arrays.copyOf(request, 14 + Math.floorMod(frame.length * 13, 500)) : request);
        }
        answersOrNot(port, arriving);
    }

    /** A garbled request may still be one: all that counts is that the work goes on. */
    private static void answersOrNot(MemoryPort port, List<byte[]> frames) throws Exception {
        EchoWork work = new EchoWork(port, List.of("10.7.0.1", SIX));
        Stop stop = new Stop(Optional.empty());
        work.open();
        CompletableFuture<Void> run = CompletableFuture.runAsync(() -> {
            try {
                work.run(stop);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }, Thread.ofPlatform().daemon()::start);
        frames.forEach(port::arrive);
        port.arrive(Pings.arp(Pings.OURS));
        port.sent(1);
        stop.ask();
        run.get(20, TimeUnit.SECONDS);
        work.close();
        assertThat(port.packetsOut()).isZero();
    }

    @Test
    void L8_aDeviceThatGoesEndsIt() throws Exception {
        MemoryPort port = port();
        EchoWork work = new EchoWork(port, List.of("10.7.0.1"));
        work.open();
        port.yank();

        assertThatThrownBy(() -> work.run(new Stop(Optional.empty()))).isInstanceOf(DeviceGoneException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"busbar.org", "10.7.0", "224.0.0.1", "ff02::1", "::", "0.0.0.0", ""})
    void whatIsNoAddressOfAStationIsRefused(String text) {
        assertThatThrownBy(() -> new EchoWork(port(), List.of(text)))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("'" + text + "' is no address to answer for");
    }

    @Test
    void aPortThatHearsNoGroupsSaysSo() {
        MemoryPort port = new MemoryPort("e000:03:00.0", 1, 2048);

        assertThatThrownBy(() -> new EchoWork(port, List.of(SIX)).open())
                .hasMessageContaining("e000:03:00.0 hears no groups")
                .hasMessageContaining("leave those out");
    }
}
