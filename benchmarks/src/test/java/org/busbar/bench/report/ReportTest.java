package org.busbar.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

    @Test
    void ratiosAreTakenWithinARoundNotBetweenRounds() {
        Report report = new Report(List.of(
                measured("dpdk", 0, 2_000_000),
                measured("busbar", 0, 1_000_000),
                measured("dpdk", 1, 40_000_000),
                measured("busbar", 1, 10_000_000),
                measured("dpdk", 2, 90_000_000)));

        assertThat(report.markdown())
                .contains("| 16 | warm | dpdk | 3 | 40.000 (2.000 to 90.000) |")
                .contains("| 3.00 (2.00 to 4.00) |");
    }

    @Test
    void aPeerWithoutBusbarBesideItIsShownWithoutRatio() {
        assertThat(new Report(List.of(measured("floor", 0, 1_000_000))).markdown())
                .contains("| 16 | warm | floor | 1 | 1.000 (1.000 to 1.000) | 0.001 (0.001 to 0.001) | not measured |");
    }

    @Test
    void aTargetIsMetOrMissedOrNotJudged() {
        String page = new Report(List.of(
                at4096("dpdk", "rescan", "warm", 550_000_000),
                at4096("busbar", "rescan", "warm", 5_000_000),
                at4096("dpdk", "first", "cold", 300_000_000),
                at4096("busbar", "first", "warm", 50_000_000)))
                .markdown();

        assertThat(page)
                .contains("at least 100 times Busbar's | 110.00 times | yes |")
                .contains("at least 8 times Busbar's | 6.00 times | **no** |")
                .contains("at most 1.5 times that of C | | not measured |");
    }

    private static Measurement at4096(String peer, String phase, String start, long cpuNanos) {
        return new Measurement(peer, phase, start, 4096, 0, cpuNanos, cpuNanos);
    }

    @Test
    void medianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertThat(Spread.of(List.of(4, 1, 3, 10))).isEqualTo(new Spread(1, 3.5, 10, 4));
    }

    @Test
    void aLineThatLacksAKeyIsRefusedByName() {
        assertThatThrownBy(() -> Measurement.parse("peer=floor phase=first start=cold devices=3 round=0 wall_ns=1"))
                .hasMessage("no cpu_ns");
        assertThatThrownBy(() -> Measurement.parse("peer=floor oops")).hasMessageContaining("'oops'");
    }

    private static Measurement measured(String peer, int round, long cpuNanos) {
        return Measurement.parse("peer=%s phase=rescan start=warm devices=16 rep=0 round=%d wall_ns=1000 cpu_ns=%d"
                .formatted(peer, round, cpuNanos));
    }
}
