package org.busbar.shell.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CellsTest {

    @Test
    void whatATerminalWouldObeyIsNotPassedOn() {
        assertThat(Cells.printable("S4\u001b[2J\u0007\u009b31m\r\n\u202eN\ud800")).isEqualTo("S4?[2J??31m???N?");
    }

    @Property
    void textIsOfPrintableCharactersAndNoShorter(@ForAll String text) {
        String shown = Cells.printable(text);
        assertThat(shown.codePoints()).noneMatch(Character::isISOControl);
        assertThat(shown.codePointCount(0, shown.length())).isEqualTo(text.codePointCount(0, text.length()));
    }

    @Test
    void lettersOfAnyScriptStay() {
        assertThat(Cells.printable("Größe 磁盘 💾")).isEqualTo("Größe 磁盘 💾");
    }

    /** A tree of bridges behind bridges can be deeper than a line is wide. */
    @Property
    void anyRoomIsEnough(@ForAll String text, @ForAll int room) {
        assertThat(Cells.fit(text, room).length()).isLessThanOrEqualTo(Math.max(2, room));
    }

    @Test
    void whatFitsIsLeftAlone() {
        assertThat(Cells.fit("Ethernet", 8)).isEqualTo("Ethernet");
        assertThat(Cells.fit("Ethernet", 7)).isEqualTo("Ethern…");
        assertThat(Cells.fit("Ethernet", -3)).isEqualTo("E…");
    }
}
