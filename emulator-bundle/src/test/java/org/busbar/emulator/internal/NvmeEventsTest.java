package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.Card;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Asynchronous events: how many may be asked for, which come, and when the next does. */
@Timeout(60)
class NvmeEventsTest {

    private static final int PAGE = 4096;
    private static final int SET_FEATURES = 0x09;
    private static final int EVENT_REQUEST = 0x0c;
    private static final int EVENT_CONFIGURATION = 0x0b;
    private static final int THRESHOLD = 0x04;
    private static final int SMART_LOG = 2;

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
        assertThat(rack.crash(1)).isNull();
        rack.close();
    }

    @Test
    void noMoreRequestsThanTheLimitMayWait() {
        for (int i = 0; i < 4; i++) {
            nvme.admin.put(EVENT_REQUEST, 0, 0, 0);
        }
        assertThat(nvme.admin.run(EVENT_REQUEST, 0, 0, 0)).isEqualTo(0x105);
        assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 1)).isZero();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 259)).as("AERL").isEqualTo((byte) 3);
    }

    @Test
    void aRequestCanBeAborted() {
        int request = nvme.admin.put(EVENT_REQUEST, 0, 0, 0);
        int abort = nvme.admin.put(0x08, 0, 0, 0, request << 16);
        nvme.admin.ring();
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.command).isEqualTo(abort);
        assertThat(nvme.admin.result).as("aborted").isZero();
        assertThat(nvme.admin.await()).isEqualTo(0x07);
        assertThat(nvme.admin.command).isEqualTo(request);
    }

    @Test
    void aTemperatureThresholdIsAnEventOnlyWhereItIsWanted() {
        nvme.admin.put(EVENT_REQUEST, 0, 0, 0);
        rack.ssd(1).temperature(80);
        assertThat(warnings()).as("the log says so in any case").isEqualTo(2);
        rack.ssd(1).temperature(38);
        assertThat(warnings()).isZero();

        assertThat(nvme.admin.run(SET_FEATURES, 0, 0, 0, EVENT_CONFIGURATION, 2)).isZero();
        rack.ssd(1).temperature(80);
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.result).as("SMART, temperature, log 2").isEqualTo(0x0002_0101);
        assertThat(warnings()).isEqualTo(2);
        assertThat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, 1)).isEqualTo((short) 353);
    }

    @Test
    void thresholdsCanBeMovedToWhereTheTemperatureIs() {
        assertThat(nvme.admin.run(SET_FEATURES, 0, 0, 0, EVENT_CONFIGURATION, 2)).isZero();
        int request = nvme.admin.put(EVENT_REQUEST, 0, 0, 0);
        nvme.admin.ring();
        int set = nvme.admin.put(SET_FEATURES, 0, 0, 0, THRESHOLD, 311 | (1 << 20));
        nvme.admin.ring();
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.command).isEqualTo(set);
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.command).isEqualTo(request);
        assertThat(nvme.admin.result).isEqualTo(0x0002_0101);
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, THRESHOLD, 1 << 20)).isZero();
        assertThat(nvme.admin.result).isEqualTo(311);
        assertThat(nvme.admin.run(0x0a, 0, 0, 0, THRESHOLD | (1 << 8), 0)).isZero();
        assertThat(nvme.admin.result).as("default of the upper one").isEqualTo(343);
    }

    @Test
    void criticalWarningsAreEventsOfTheirOwnKindOneAtATime() {
        assertThat(nvme.admin.run(SET_FEATURES, 0, 0, 0, EVENT_CONFIGURATION, 0x1f)).isZero();
        nvme.admin.put(EVENT_REQUEST, 0, 0, 0);
        int second = nvme.admin.put(EVENT_REQUEST, 0, 0, 0);
        nvme.admin.ring();
        rack.ssd(1).criticalWarning(1 | 4);
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.result).as("reliability").isEqualTo(0x0002_0001);
        assertThat(nvme.admin.poll()).as("masked until the log is read").isEqualTo(-1);
        assertThat(warnings()).isEqualTo(5);
        assertThat(data.get(ValueLayout.JAVA_BYTE, 3)).as("spare").isEqualTo((byte) 5);
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.command).isEqualTo(second);
        assertThat(nvme.admin.result).as("spare below threshold").isEqualTo(0x0002_0201);
    }

    @Test
    void badDoorbellsAreErrorEvents() {
        nvme.admin.put(EVENT_REQUEST, 0, 0, 0);
        nvme.admin.put(EVENT_REQUEST, 0, 0, 0);
        nvme.admin.ring();
        nvme.bar.write32(0x1000, MiniNvme.ADMIN_ENTRIES);
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.result).as("invalid value, log 1").isEqualTo(0x0001_0100);
        nvme.bar.write32(0x1000 + 8 * 5, 1);
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, 1 | (15 << 16))).isZero();
        assertThat(nvme.admin.await()).isZero();
        assertThat(nvme.admin.result).as("no such doorbell").isEqualTo(0x0001_0000);
    }

    /** Returns the critical warnings of the SMART log. */
    private int warnings() {
        assertThat(nvme.admin.run(0x02, -1, MiniNvme.DATA, 0, SMART_LOG | (127 << 16))).isZero();
        return data.get(ValueLayout.JAVA_BYTE, 0);
    }
}
