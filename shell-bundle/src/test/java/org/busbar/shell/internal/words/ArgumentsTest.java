package org.busbar.shell.internal.words;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {

    private static final Arguments.Syntax SYNTAX =
            new Arguments.Syntax().option("--bs", "--blocksize").option("--depth").flag("--json", "-j");

    private static Arguments parse(String... words) {
        return SYNTAX.parse(List.of(words));
    }

    @Test
    void optionsComeInBothFormsAndUnderAllTheirNames() {
        Arguments arguments = parse("disk", "--blocksize=4k", "--depth", "7", "-j");

        assertThat(arguments.only("device")).isEqualTo("disk");
        assertThat(arguments.value("--bs", Quantities::bytes)).contains(4096L);
        assertThat(arguments.number("--depth", 1, 1, 10)).isEqualTo(7);
        assertThat(arguments.has("--json")).isTrue();
    }

    @Test
    void whatIsNotThereHasItsDefault() {
        assertThat(parse("disk").number("--depth", 32, 1, 64)).isEqualTo(32);
        assertThat(parse("disk").has("--json")).isFalse();
        assertThat(parse("disk").text("--bs")).isEmpty();
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> parse("--dept", "3")).hasMessage(
                "there is no option --dept; there are --bs --depth --json");
        assertThatThrownBy(() -> parse("--bs")).hasMessage("--bs needs a value");
        assertThatThrownBy(() -> parse("--json=yes")).hasMessage("--json takes no value");
        assertThatThrownBy(() -> parse("--bs", "1", "--blocksize=2")).hasMessage("--bs is there twice");
        assertThatThrownBy(() -> parse("--depth", "99").number("--depth", 1, 1, 10))
                .hasMessage("--depth: has to be 1 to 10, not 99");
        assertThatThrownBy(() -> parse("--bs", "4q").value("--bs", Quantities::bytes))
                .hasMessageStartingWith("--bs: '4q' is no size");
        assertThatThrownBy(() -> parse("a", "b").only("device")).hasMessage("one device at a time, not [a, b]");
        assertThatThrownBy(() -> parse().only("device")).hasMessage("which device?");
    }
}
