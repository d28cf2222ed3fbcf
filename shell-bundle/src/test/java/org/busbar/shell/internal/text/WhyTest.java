package org.busbar.shell.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.busbar.device.DeviceState;
import org.busbar.device.dto.CandidateDTO;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.device.dto.FailureDTO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WhyTest {

    private static final Instant NOW = Instant.parse("2025-06-01T12:00:30Z");

    private static DeviceDTO device(DeviceState state, String reason) {
        DeviceDTO device = new DeviceDTO();
        device.address = "0000:02:00.0";
        device.state = state.name();
        device.reason = reason;
        device.since = NOW.minusSeconds(20).toEpochMilli();
        device.properties.put("pci.class", "010802");
        return device;
    }

    private static CandidateDTO candidate(String driver, String obstacle) {
        CandidateDTO candidate = new CandidateDTO();
        candidate.driver = driver;
        candidate.key = "class:010802";
        candidate.score = 300;
        candidate.obstacle = obstacle;
        return candidate;
    }

    private static String why(DeviceDTO device) {
        return Why.of(device, "1b36:0010", Optional.empty(), NOW);
    }

    @Test
    void aBoundDeviceNamesItsDriverAndTheMatch() {
        DeviceDTO device = device(DeviceState.BOUND, "driven by nvme");
        device.driver = "nvme";
        device.services.add("org.busbar.block.BlockDevice");
        device.candidates.add(candidate("nvme", ""));
        device.candidates.add(candidate("slow", "another driver fits better: nvme"));

        assertThat(why(device))
                .startsWith("0000:02:00.0 is driven by nvme, which matches it by class:010802 (score 300), since ")
                .contains("(20 s ago)")
                .contains("It offers BlockDevice.")
                .contains("Driver slow matches it too, by class:010802 (score 300): another driver fits better: nvme.");
    }

    @Test
    void withoutADriverItSaysWhereToPutOne() {
        assertThat(why(device(DeviceState.UNBOUND, "no driver matches")))
                .contains("No driver matches 1b36:0010, class 010802", "drivers/");
    }

    @Test
    void whatTheHostSaysIsPassedOn() {
        DeviceDTO device =
                device(DeviceState.DENIED, "kernel driver ahci has it and no claim rule names it; add it to claims");

        assertThat(Why.of(device, "1b36:0010", Optional.of("ahci"), NOW))
                .contains("Kernel driver ahci has it and no claim rule names it; add it to claims.")
                .doesNotContain("The kernel driver ahci has it");
    }

    @Test
    void theKernelDriverIsNamedIfTheReasonDoesNot() {
        assertThat(Why.of(device(DeviceState.UNBOUND, "no driver matches"), "1:2", Optional.of("ahci"), NOW))
                .contains("The kernel driver ahci has it.");
    }

    @Test
    void anObstacleIsSaidOnce() {
        DeviceDTO device = device(DeviceState.DENIED, "denied by policy entry 'class:0108'");
        device.candidates.add(candidate("nvme", "denied by policy entry 'class:0108'"));

        assertThat(why(device))
                .contains("Denied by policy entry 'class:0108'.")
                .endsWith("Driver nvme matches it, by class:010802 (score 300).");
    }

    @Test
    void detachedSaysHowToAttach() {
        assertThat(why(device(DeviceState.DETACHED, "detached by an operator")))
                .contains("Detached by an operator. pci:attach 0000:02:00.0 ends that.");
    }

    @ParameterizedTest
    @EnumSource(DeviceState.class)
    void everyStateHasWords(DeviceState state) {
        assertThat(why(device(state, ""))).startsWith("0000:02:00.0 is ").contains("since");
    }

    @Test
    void failuresAreToldWithTimesAndWhatLiftsAQuarantine() {
        DeviceDTO device = device(DeviceState.QUARANTINED, "nvme failed: a read has thrown");
        CandidateDTO nvme = candidate("nvme", "quarantined, failed 2 times: a read has thrown");
        nvme.latestFailures.add(failure(20, "a poll has not returned for 90 s"));
        nvme.latestFailures.add(failure(5, "a read has thrown"));
        nvme.quarantined = true;
        device.candidates.add(nvme);

        assertThat(why(device))
                .contains("(20 s ago): a poll has not returned for 90 s")
                .contains("(5 s ago): a read has thrown")
                .contains("quarantined, without a time limit: until pci:attach 0000:02:00.0, another version");
        nvme.quarantined = false;
        nvme.nextAttempt = NOW.plusSeconds(2).toEpochMilli();
        assertThat(why(device))
                .contains("It is tried again at " + Times.clock(NOW.plusSeconds(2)) + ".")
                .doesNotContain("without a time limit");
    }

    private static FailureDTO failure(int secondsAgo, String what) {
        FailureDTO failure = new FailureDTO();
        failure.time = NOW.minusSeconds(secondsAgo).toEpochMilli();
        failure.what = what;
        return failure;
    }
}
