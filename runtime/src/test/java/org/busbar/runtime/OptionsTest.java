package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

    private static Options parse(String... arguments) throws UsageException {
        return Options.parse(List.of(arguments), Optional.empty());
    }

    @Test
    void withoutArgumentsThereIsAShellAndARack() throws UsageException {
        assertThat(parse())
                .isEqualTo(new Options(
                        Options.Mode.SHELL, Optional.empty(), true, Optional.empty(), Optional.empty()));
    }

    @Test
    void everythingAtOnce() throws UsageException {
        assertThat(parse("--no-emulator", "--home", "/h", "batch", "file", "--sysfs", "/s"))
                .isEqualTo(new Options(
                        Options.Mode.BATCH,
                        Optional.of("file"),
                        false,
                        Optional.of(Path.of("/h")),
                        Optional.of(Path.of("/s"))));
    }

    @Test
    void theOptionWinsOverTheVariable() throws UsageException {
        Optional<String> variable = Optional.of("/variable");
        assertThat(Options.parse(List.of(), variable).sysfs()).contains(Path.of("/variable"));
        assertThat(Options.parse(List.of("--sysfs", "/option"), variable).sysfs()).contains(Path.of("/option"));
    }

    @Test
    void helpComesBeforeEverything() throws UsageException {
        assertThat(parse("demo", "--help").mode()).isEqualTo(Options.Mode.HELP);
    }

    @ParameterizedTest
    @CsvSource({
        "frobnicate, is not an option",
        "batch, needs a file",
        "--home, needs a directory",
        "demo shell, exclude each other",
        "demo --no-emulator, of its own",
        "demo --home x, of its own"
    })
    void wrongArgumentsAreNamed(String arguments, String message) {
        assertThatThrownBy(() -> Options.parse(Arrays.asList(arguments.split(" ")), Optional.empty()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }
}
