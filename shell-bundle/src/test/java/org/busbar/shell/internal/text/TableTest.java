package org.busbar.shell.internal.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        assertThat(new Table("A", "LONG").row("value", "b").toString()).isEqualTo("""
                A      LONG
                value  b""");
    }

    @Test
    void theWidestColumnGivesWay() {
        String text = new Table("ADDRESS", "NAME").row("0000:02:00.0", "x".repeat(200)).toString();

        assertThat(text.lines()).allMatch(line -> line.length() <= 100);
        assertThat(text).contains("0000:02:00.0  xxx").endsWith("…");
    }

    @Test
    void aRowHasAsManyCellsAsTheHeader() {
        assertThatThrownBy(() -> new Table("A", "B").row("1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 200)
    void noLineIsWiderThanATerminal(
            @ForAll @AlphaChars @StringLength(max = 150) String one,
            @ForAll @AlphaChars @StringLength(max = 150) String two,
            @ForAll @AlphaChars @StringLength(max = 150) String three) {
        assertThat(new Table("A", "B", "C").row(one, two, three).toString().lines())
                .allMatch(line -> line.length() <= 100);
    }
}
