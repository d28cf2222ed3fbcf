package org.busbar.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.busbar.emulator.NvmeFault.Queues;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text form of NVMe faults. */
class NvmeFaultTest {

    private static Optional<NvmeFault> parse(String text) {
        return NvmeFault.parse(Arrays.asList(text.split(" ")));
    }

    @Test
    void everyFaultCanBeTyped() {
        assertThat(parse("ready 20")).contains(new NvmeFault.SlowTransitions(Duration.ofMillis(20)));
        assertThat(parse("slowadmin 5")).contains(new NvmeFault.SlowAdmin(Duration.ofMillis(5)));
        assertThat(parse("fatal")).contains(new NvmeFault.Fatal(Queues.IO, 1));
        assertThat(parse("fatal admin 3")).contains(new NvmeFault.Fatal(Queues.ADMIN, 3));
        assertThat(parse("never io 7")).contains(new NvmeFault.NeverCompleted(Queues.IO, 7));
        assertThat(parse("twice 2")).contains(new NvmeFault.CompletedTwice(Queues.IO, 2));
        assertThat(parse("identifier io 1 0x10")).contains(new NvmeFault.WrongIdentifier(Queues.IO, 1, 16));
        assertThat(parse("phase")).contains(new NvmeFault.WrongPhase(Queues.IO, 1));
        assertThat(parse("head admin 5")).contains(new NvmeFault.GarbageHead(Queues.ADMIN, 5));
        assertThat(parse("garbage admin 2 9")).contains(new NvmeFault.GarbageCompletion(Queues.ADMIN, 2, 9));
        assertThat(parse("media 1 100 8 read")).contains(new NvmeFault.MediaError(1, 100, 8, true, false));
        assertThat(parse("media 2 0 1")).contains(new NvmeFault.MediaError(2, 0, 1, true, true));
        assertThat(parse("identify")).contains(new NvmeFault.GarbageIdentify(1));
        assertThat(parse("logs 0")).contains(new NvmeFault.GarbageLogs(0));
        assertThat(parse("noabort")).contains(new NvmeFault.UselessAbort());
        assertThat(parse("corrupt 10")).contains(new NvmeFault.SilentCorruption(10));
        assertThat(parse("stuck")).as("not of NVMe alone").isEmpty();
        assertThat(NvmeFault.parse(List.of())).isEmpty();
    }

    @Test
    void everyFaultHasWords() {
        assertThat(new NvmeFault.Fatal(Queues.ADMIN, 3).words()).isEqualTo("fails at admin command 3");
        assertThat(new NvmeFault.MediaError(1, 10, 2, true, false).words())
                .isEqualTo("blocks 10 to 11 of namespace 1 cannot be read");
        assertThat(new NvmeFault.SilentCorruption(3).words()).isEqualTo("each 3. write is corrupted silently");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fatal soon", "noabort 1", "media 1 2 3 4", "head io x", "twice io 1 2"})
    void L5_nonsenseIsRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
