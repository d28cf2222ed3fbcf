package org.busbar.shell.nvme.internal.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.HdrHistogram.Histogram;
import org.busbar.shell.nvme.internal.perf.Latencies.Bucket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatenciesTest {

    @Property
    void everyRequestIsInOneBucketAndBucketsAdjoin(
            @ForAll @Size(min = 1, max = 200) List<@LongRange(min = 1, max = 600_000_000_000L) Long> nanos) {
        Histogram histogram = new Histogram(600_000_000_000L, 3);
        nanos.forEach(histogram::recordValue);

        List<Bucket> buckets = Latencies.buckets(histogram);

        assertThat(buckets.stream().mapToLong(Bucket::count).sum()).isEqualTo(nanos.size());
        for (int i = 1; i < buckets.size(); i++) {
            assertThat(buckets.get(i).from()).isEqualTo(buckets.get(i - 1).to());
        }
        assertThat(buckets.getFirst().count()).isPositive();
        assertThat(buckets.getLast().count()).isPositive();
    }

    @Test
    void limitsAreRoundNumbers() {
        Histogram histogram = new Histogram(600_000_000_000L, 3);
        histogram.recordValue(1_500);
        histogram.recordValue(7_000);

        assertThat(Latencies.buckets(histogram)).containsExactly(
                new Bucket(1_000, 2_000, 1), new Bucket(2_000, 5_000, 0), new Bucket(5_000, 10_000, 1));
        assertThat(Latencies.draw(histogram)).isEqualTo("""
                      1.00 us to   2.00 us  50.000 %  ########################################
                      2.00 us to   5.00 us   0.000 %
                      5.00 us to   10.0 us  50.000 %  ########################################
                """);
    }

    @Test
    void nothingMeasuredIsNothingDrawn() {
        assertThat(Latencies.buckets(new Histogram(1_000, 3))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0,0 ns", "999,999 ns", "1000,1.00 us", "12345,12.3 us", "123456,123 us", "1234567,1.23 ms",
        "2e9,2.00 s"})
    void timesHaveThreeDigits(double nanos, String text) {
        assertThat(Latencies.time(nanos)).isEqualTo(text);
    }
}
