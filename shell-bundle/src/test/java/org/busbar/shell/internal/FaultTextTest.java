package org.busbar.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NvmeFault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTextTest {

    private static Fault parse(String text) {
        return FaultText.parse(text.isEmpty() ? List.of() : Arrays.asList(text.split(" ")));
    }

    @Test
    void everyFaultCanBeTyped() {
        assertThat(parse("error")).isEqualTo(new Fault.ErrorStatus(1, 0x281));
        assertThat(parse("error 3 0x280")).isEqualTo(new Fault.ErrorStatus(3, 0x280));
        assertThat(parse("lost 5")).isEqualTo(new Fault.LostCompletion(5));
        assertThat(parse("slow 20")).isEqualTo(new Fault.SlowCompletion(Duration.ofMillis(20)));
        assertThat(parse("stuck")).isEqualTo(new Fault.StuckReset());
        assertThat(parse("link")).isEqualTo(new Fault.LinkDown());
        assertThat(parse("config")).isEqualTo(new Fault.BadConfigSpace());
        assertThat(parse("nic twice tx 2")).isEqualTo(new NicFault.GivenBackTwice(NicFault.Side.TRANSMIT, 2));
        assertThat(parse("media 1 100 8")).isEqualTo(new NvmeFault.MediaError(1, 100, 8, true, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fire", "slow many", "lost 0", "stuck 1", "error 1 2 3"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
