package org.busbar.emulator.internal.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NicFault.Side;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lies of a virtio-net device in its used rings. */
@Timeout(60)
final class VirtioLiesTest {

    private MiniVirtio driver;

    @BeforeEach
    void plugIn() throws Exception {
        driver = new MiniVirtio(1);
        driver.begin(0);
        driver.offerReceive(0, 8, 2048);
        driver.run();
    }

    @AfterEach
    void pull() {
        assertThat(driver.iommuFaults).as("nothing is written outside").isEmpty();
        driver.close();
    }

    private static byte[] frame() {
        return Arrays.copyOf(new byte[] {-1, -1, -1, -1, -1, -1, 2, 0, 0, 0, 0, 9, 8, 6}, 60);
    }

    private void arrive(int used) {
        driver.arrive(frame());
        MiniVirtio.await("buffer " + used, () -> driver.used(0) == used);
    }

    @Test
    void lengthsAndNumbersAreWrongEachNthTime() {
        driver.faults(
                new NicFault.WrongLength(Side.RECEIVE, 2, Integer.MAX_VALUE),
                new NicFault.WrongIndex(Side.RECEIVE, 3, 40_000));
        arrive(1);
        arrive(2);
        arrive(3);
        assertThat(driver.usedLength(0, 0)).isEqualTo(72);
        assertThat(driver.usedLength(0, 1)).isEqualTo(Integer.MAX_VALUE);
        assertThat(driver.usedId(0, 1)).isEqualTo(1);
        assertThat(driver.usedId(0, 2)).isEqualTo(40_000);
        driver.faults();
        arrive(4);
        assertThat(driver.usedId(0, 3)).isEqualTo(3);
    }

    @Test
    void buffersComeBackTwiceOrThoughTheyWereNotGiven() {
        driver.faults(new NicFault.GivenBackTwice(Side.RECEIVE, 1));
        arrive(2);
        assertThat(driver.usedId(0, 1)).isEqualTo(driver.usedId(0, 0));
        driver.faults(new NicFault.NeverGiven(Side.RECEIVE, 1));
        arrive(4);
        assertThat(driver.usedId(0, 2)).isEqualTo(1);
        assertThat(driver.usedId(0, 3)).as("has come back before").isEqualTo(0);
    }

    @Test
    void theUsedIndexRunsAheadByMoreThanThereIs() {
        driver.faults(new NicFault.TooMany(Side.RECEIVE, 1, 3 * MiniVirtio.SIZE));
        arrive(3 * MiniVirtio.SIZE + 1);
        driver.faults();
        arrive(3 * MiniVirtio.SIZE + 2);
        assertThat(driver.status() & Virtio.NEEDS_RESET).isZero();
    }

    @Test
    void theHeaderIsRandom() {
        driver.faults(new NicFault.RandomStatus(Side.RECEIVE, 1, 3));
        arrive(1);
        assertThat(driver.bytes(0, 0, 12)).isNotEqualTo(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
        assertThat(driver.bytes(0, 0, 72)).endsWith(frame());
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "index", "many"})
    void transmitBuffersComeBackWithLiesAndTheFramesGoOut(String kind) {
        driver.faults(
                switch (kind) {
                    case "garbage" -> new NicFault.Garbage(Side.TRANSMIT, 1, 4);
                    case "index" -> new NicFault.WrongIndex(Side.TRANSMIT, 1, 777);
                    default -> new NicFault.TooMany(Side.TRANSMIT, 1, 7);
                });
        driver.put(1, 0, 12, frame());
        driver.descriptor(1, 0, MiniVirtio.buffer(1, 0), 72, 0, 0);
        driver.offer(1, 0);
        driver.notify(1);
        assertThat(driver.takeSent()).isEqualTo(frame());
        MiniVirtio.await("it to come back", () -> driver.used(1) == ("many".equals(kind) ? 8 : 1));
        int id = driver.usedId(1, 0);
        switch (kind) {
            case "garbage" -> assertThat(id | driver.usedLength(1, 0)).isNotZero();
            case "index" -> assertThat(id).isEqualTo(777);
            default -> assertThat(id).isZero();
        }
    }
}
