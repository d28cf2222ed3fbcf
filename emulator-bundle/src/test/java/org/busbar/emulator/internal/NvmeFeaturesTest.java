package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.busbar.emulator.Card;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Features and logs. */
@Timeout(60)
class NvmeFeaturesTest {

    private static final int PAGE = 4096;
    private static final int DNR = 0x4000;
    private static final int SET = 0x09;
    private static final int GET = 0x0a;
    private static final int LOG = 0x02;
    private static final int POWER = 2;
    private static final int COALESCING = 8;
    private static final int VECTOR = 9;

    private final EmulatedRack rack = new EmulatedRack(1);
    private MiniNvme nvme;
    private MemorySegment data;

    @BeforeEach
    void start() throws IOException {
        rack.insert(1, Card.parse("nvme:size=1M"));
        nvme = MiniNvme.start(rack);
        data = nvme.data(PAGE);
    }

    @AfterEach
    void theModelHasNotCrashed() {
        nvme.close();
        assertThat(rack.crash(1)).isNull();
        rack.close();
    }

    private int get(int feature, int select, int dword11) {
        assertThat(nvme.admin.run(GET, 0, 0, 0, feature | (select << 8), dword11)).isZero();
        return nvme.admin.result;
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0x03020101, 0", // arbitration
        "2, 1, 0", // power management
        "4, 300, 343", // temperature threshold
        "5, 100, 0", // error recovery
        "6, 0, 1", // volatile write cache
        "8, 0x0403, 0", // interrupt coalescing
        "10, 1, 0", // write atomicity
        "11, 0x11f, 0" // asynchronous events
    })
    void featuresAreSetAndHaveDefaultsAgainAfterAReset(int feature, String value, String initial) throws IOException {
        int wanted = Integer.decode(value);
        int usual = Integer.decode(initial);
        assertThat(get(feature, 0, 0)).isEqualTo(usual);
        assertThat(nvme.admin.run(SET, 0, 0, 0, feature, wanted)).isZero();
        assertThat(get(feature, 0, 0)).isEqualTo(wanted);
        assertThat(get(feature, 1, 0)).as("default").isEqualTo(usual);
        assertThat(get(feature, 2, 0)).as("nothing is saved").isEqualTo(usual);
        assertThat(get(feature, 3, 0)).as("changeable, not saveable").isEqualTo(4);
        assertThat(nvme.admin.run(SET, 0, 0, 0, feature | (1 << 31), wanted)).isEqualTo(DNR | 0x10d);
        nvme.bar.write32(0x14, 0);
        nvme.awaitRegister(0x1c, 1, 0);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_SQ);
        nvme.handle.dma().unmap(MiniNvme.ADMIN_CQ);
        nvme.enable();
        assertThat(get(feature, 0, 0)).isEqualTo(usual);
    }

    @Test
    void whatIsReservedIsRefused() {
        assertThat(nvme.admin.run(SET, 0, 0, 0, 6, 2)).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(SET, 0, 0, 0, 4, 1 << 16)).as("a sensor that is not there").isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(SET, 0, 0, 0, 4, 2 << 20)).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(SET, 0, 0, 0, POWER, 5)).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(SET, 0, 0, 0, VECTOR, 17)).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(SET, 0, 0, 0, 7, 0xffff)).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(GET, 0, 0, 0, 6 | (4 << 8))).isEqualTo(DNR | 0x02);
        assertThat(nvme.admin.run(GET, 0, 0, 0, 0x7f)).isEqualTo(DNR | 0x02);
    }

    @Test
    void aCommandWakesTheControllerFromAPowerStateInWhichNothingIsDone() throws IOException {
        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 263)).as("NPSS").isEqualTo((byte) 4);
        assertThat(data.get(ValueLayout.JAVA_SHORT, 2048)).as("25 W").isEqualTo((short) 2500);
        assertThat(data.get(ValueLayout.JAVA_BYTE, 2048 + 3 * 32 + 3)).as("not operational").isEqualTo((byte) 3);
        MiniNvme.Queue queue = nvme.createQueue(1, 16);
        assertThat(nvme.admin.run(SET, 0, 0, 0, POWER, 2)).isZero();
        assertThat(nvme.admin.run(SET, 0, 0, 0, POWER, 4)).isZero();
        assertThat(get(POWER, 0, 0)).isEqualTo(4);
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(get(POWER, 0, 0)).as("the operational state that it was in last").isEqualTo(2);
    }

    @Test
    void interruptsWaitForMoreCompletionsUnlessTheVectorIsExempt() throws Exception {
        BlockingQueue<Long> fired = new LinkedBlockingQueue<>();
        nvme.handle.interrupts().enable(2, vector -> {
            if (vector == 1) {
                fired.add(System.nanoTime());
            }
        });
        MiniNvme.Queue queue = nvme.createQueue(1, 64);
        // Four completions, or 25.5 ms. Three do not suffice, however slow the test is.
        assertThat(nvme.admin.run(SET, 0, 0, 0, COALESCING, 3 | (255 << 8))).isZero();
        long begin = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        }
        Long first = fired.poll(10, TimeUnit.SECONDS);
        assertThat(first).isNotNull();
        assertThat(first - begin).isGreaterThan(25_000_000L);

        assertThat(nvme.admin.run(SET, 0, 0, 0, VECTOR, 1 | (1 << 16))).isZero();
        assertThat(get(VECTOR, 0, 1)).isEqualTo(1 | (1 << 16));
        assertThat(get(VECTOR, 1, 1)).as("default").isEqualTo(1);
        fired.clear();
        assertThat(queue.read(0, 1, MiniNvme.DATA, 0)).isZero();
        assertThat(fired.poll(10, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void theErrorLogHasTheLatestFailuresNewestFirst() throws IOException {
        MiniNvme.Queue queue = nvme.createQueue(1, 64);
        for (int i = 0; i < 20; i++) {
            assertThat(queue.read(5000 + i, 1, MiniNvme.DATA, 0)).isEqualTo(DNR | 0x80);
        }
        int last = queue.command;
        assertThat(nvme.admin.run(LOG, -1, MiniNvme.DATA, 0, 1 | (255 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).as("count").isEqualTo(20);
        assertThat(data.get(ValueLayout.JAVA_SHORT, 8)).as("queue").isEqualTo((short) 1);
        assertThat(data.get(ValueLayout.JAVA_SHORT, 10)).as("command").isEqualTo((short) last);
        assertThat(data.get(ValueLayout.JAVA_SHORT, 12) >>> 1 & 0x7ff).as("status").isEqualTo(0x80);
        assertThat(data.get(ValueLayout.JAVA_LONG, 16)).as("LBA").isEqualTo(5019);
        assertThat(data.get(ValueLayout.JAVA_INT, 24)).as("namespace").isEqualTo(1);
        assertThat(data.get(ValueLayout.JAVA_LONG, 15 * 64)).as("the oldest that is kept").isEqualTo(5);

        assertThat(nvme.admin.run(LOG, -1, MiniNvme.DATA, 0, 1 | (15 << 16), 0, 64)).isZero();
        assertThat(data.get(ValueLayout.JAVA_LONG, 0)).as("from an offset").isEqualTo(19);
        assertThat(nvme.admin.run(LOG, -1, MiniNvme.DATA, 0, 1 | (15 << 16), 0, 1024)).isEqualTo(DNR | 0x02);
    }

    @Test
    void theSmartLogCounts() throws IOException {
        MiniNvme.Queue queue = nvme.createQueue(1, 64);
        for (int i = 0; i < 300; i++) {
            assertThat(queue.write(0, 8, MiniNvme.DATA, 0)).isZero();
        }
        assertThat(queue.read(0, 8, MiniNvme.DATA, 0)).isZero();
        assertThat(nvme.admin.run(LOG, -1, MiniNvme.DATA, 0, 2 | (127 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, 1)).as("Kelvin").isEqualTo((short) 311);
        assertThat(data.get(ValueLayout.JAVA_BYTE, 3)).as("spare").isEqualTo((byte) 100);
        assertThat(data.get(ValueLayout.JAVA_LONG, 32)).as("thousands of 512 bytes read").isEqualTo(1);
        assertThat(data.get(ValueLayout.JAVA_LONG, 48)).as("and written").isEqualTo(3);
        assertThat(data.get(ValueLayout.JAVA_LONG, 64)).isEqualTo(1);
        assertThat(data.get(ValueLayout.JAVA_LONG, 80)).isEqualTo(300);
        assertThat(nvme.admin.run(LOG, -1, MiniNvme.DATA, 0, 3 | (127 << 16))).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 8)).as("revision in slot 1").isEqualTo((byte) '1');
    }
}
