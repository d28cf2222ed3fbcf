package org.busbar.core.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.busbar.device.bus.MatchKey;
import org.junit.jupiter.api.Test;

class PolicyParserTest {

    private static final List<MatchKey> SSD = List.of(new MatchKey("8086:10d3", 80), new MatchKey("class:0108", 40));

    @Test
    void nothingConfiguredIsTheDefault() {
        PolicyParser.Result result = PolicyParser.parse(Map.of("service.pid", "org.busbar.core"));
        assertThat(result.policy()).isEqualTo(Policy.DEFAULT);
        assertThat(result.problems()).isEmpty();
    }

    @Test
    void valuesComeAsArraysCollectionsNumbersAndTexts() {
        Policy policy = PolicyParser.parse(Map.of(
                "allow", new String[] {"0000:02:*", "class:0108"},
                "deny", List.of("0000:02:01.0"),
                "driverOverride", "0000:02:*=nvme, 8086:10d3=nic",
                "rebind", "Always",
                "maxAttempts", 5,
                "retryDelay", "100",
                "updateGrace", 0L))
                .policy();
        assertThat(policy.allow()).hasToString("[0000:02:*, class:0108]");
        assertThat(policy.deny()).hasToString("[0000:02:01.0]");
        assertThat(policy.overrides()).hasToString("[0000:02:*=nvme, 8086:10d3=nic]");
        assertThat(policy.rebind()).isEqualTo(RebindRule.ALWAYS);
        assertThat(policy.maxAttempts()).isEqualTo(5);
        assertThat(policy.retryDelay()).isEqualTo(Duration.ofMillis(100));
        assertThat(policy.updateGrace()).isZero();
    }

    @Test
    void denyWinsOverAllowAndNamesItsEntry() {
        Policy policy = PolicyParser.parse(Map.of("allow", "0000:02:*", "deny", "CLASS:0108"))
                .policy();
        assertThat(policy.denial("0000:02:00.0", SSD)).hasValue("denied by policy entry 'class:0108'");
        assertThat(policy.denial("0000:02:00.0", List.of())).isEmpty();
        assertThat(policy.denial("0000:03:00.0", List.of()).orElseThrow()).contains("0000:02:*");
    }

    @Test
    void patternsMatchWholeAddresses() {
        DevicePattern pattern = DevicePattern.parse("0000:0?:00.*");
        assertThat(pattern.names("0000:02:00.1", List.of())).isTrue();
        assertThat(pattern.names("0000:12:00.1", List.of())).isFalse();
        assertThat(DevicePattern.parse("0000:02:00.0").names("0000:02:00x0", List.of())).isFalse();
    }

    @Test
    void everyProblemNamesItsEntryAndShowsACorrectOne() {
        PolicyParser.Result result = PolicyParser.parse(Map.of(
                "deny", List.of("two words", "0000:02:00.0"),
                "driverOverride", "0000:02:00.0",
                "rebind", "sometimes",
                "maxAttempts", "three",
                "probeDeadline", -1,
                "retryDelay", 60_000));
        assertThat(result.unsafe()).isTrue();
        assertThat(result.problems())
                .hasSize(6)
                .anySatisfy(p -> assertThat(p).contains("deny entry 'two words'", "0000:02:00.0", "class:0108"))
                .anySatisfy(p -> assertThat(p).contains("driverOverride entry '0000:02:00.0'", "pattern=driver"))
                .anySatisfy(p -> assertThat(p).contains("rebind 'sometimes'", "rebind=idle"))
                .anySatisfy(p -> assertThat(p).contains("maxAttempts 'three'", "maxAttempts=3"))
                .anySatisfy(p -> assertThat(p).contains("probeDeadline '-1'", "probeDeadline=30000"))
                .anySatisfy(p -> assertThat(p).contains("maxRetryDelay 30000 is less than retryDelay 60000"));
        assertThat(result.policy().deny()).hasToString("[0000:02:00.0]");
    }

    @Test
    void malformedNumberAloneIsNotUnsafe() {
        assertThat(PolicyParser.parse(Map.of("maxAttempts", 0)).unsafe()).isFalse();
    }

    @Test
    void backOffDoublesUpToItsLimit() {
        assertThat(Policy.DEFAULT.delayAfter(1)).isEqualTo(Duration.ofMillis(500));
        assertThat(Policy.DEFAULT.delayAfter(3)).isEqualTo(Duration.ofSeconds(2));
        assertThat(Policy.DEFAULT.delayAfter(1000)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void supervisionIsRead() {
        Supervision read = PolicyParser.parse(Map.of(
                "maxFailures", "4", "failureWindow", 60_000, "requestDeadline", "200", "heartbeatFactor", 2))
                .policy()
                .supervision();
        assertThat(read)
                .isEqualTo(new Supervision(4, Duration.ofMinutes(1), Duration.ofMillis(200), 2));
        assertThat(read.patience()).isEqualTo(Duration.ofMillis(400));
        assertThat(PolicyParser.parse(Map.of("heartbeatFactor", 0)).problems())
                .singleElement()
                .asString()
                .contains("heartbeatFactor '0'", "heartbeatFactor=3");
    }
}
