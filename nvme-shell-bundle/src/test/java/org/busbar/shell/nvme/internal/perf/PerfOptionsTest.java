package org.busbar.shell.nvme.internal.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.busbar.block.QueueOptions.Waiting;
import org.busbar.shell.nvme.internal.FakeDevice;
import org.junit.jupiter.api.Test;

class PerfOptionsTest {

    private static PerfOptions parse(String... words) {
        return PerfOptions.of(PerfOptions.arguments(List.of(words)));
    }

    @Test
    void withoutOptionsItOnlyReads() {
        PerfOptions options = parse("disk");

        assertThat(options.pattern()).isEqualTo(Pattern.RANDREAD);
        assertThat(options.pattern().writes()).isFalse();
        assertThat(options.time()).contains(Duration.ofSeconds(10));
        assertThat(options.waiting()).isEqualTo(Waiting.ADAPTIVE);
        assertThat(options.write()).isFalse();
    }

    @Test
    void fiosNamesAreUnderstood() {
        PerfOptions options = parse(
                "--rw=randrw", "--rwmixread=70", "--bs=8k", "--iodepth=4", "--numjobs=2", "--runtime=3", "disk");

        assertThat(options).isEqualTo(parse(
                "disk", "--pattern", "randrw", "--mix", "70", "--bs", "8k", "--depth", "4", "--threads", "2", "--time",
                "3s"));
    }

    @Test
    void anAmountAloneHasNoTimeLimit() {
        assertThat(parse("disk", "--total", "1G").time()).isEmpty();
        assertThat(parse("disk", "--total", "1G", "--time", "5s").time()).contains(Duration.ofSeconds(5));
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> parse("disk", "--rw", "sideways")).hasMessageContaining("randread");
        assertThatThrownBy(() -> parse("disk", "--mix", "10")).hasMessageContaining("not for randread");
        assertThatThrownBy(() -> parse("disk", "--wait", "hope")).hasMessageContaining("poll");
        assertThatThrownBy(() -> parse("disk", "--time", "0")).hasMessageContaining("more than 0");
        assertThatThrownBy(() -> parse("disk", "--bs", "0")).hasMessageContaining("more than 0");
    }

    @Test
    void whatTheDeviceCannotDoIsSaidBeforehand() {
        FakeDevice device = new FakeDevice(1024, 512);

        assertThatThrownBy(() -> Plan.of(parse("fake/n1", "--bs", "700"), device))
                .hasMessageContaining("multiple of 512");
        assertThatThrownBy(() -> Plan.of(parse("fake/n1", "--bs", "128k"), device))
                .hasMessageContaining("at most 64 KiB");
        assertThatThrownBy(() -> Plan.of(parse("fake/n1", "--size", "1G"), device)).hasMessageContaining("has 512 KiB");
        assertThatThrownBy(() -> Plan.of(parse("fake/n1", "--rw=write", "--verify", "--depth=1000"), device))
                .hasMessageContaining("need 2000 each");
    }

    @Test
    void sharesOfThreadsCoverEverythingOnce() {
        Plan plan =
                Plan.of(parse("fake/n1", "--rw", "write", "--bs", "512", "--threads", "7"), new FakeDevice(1000, 512));

        long next = 0;
        for (int thread = 0; thread < 7; thread++) {
            assertThat(plan.slice(thread).first()).isEqualTo(next);
            next += plan.slice(thread).count();
        }
        assertThat(next).isEqualTo(1000);
    }
}
