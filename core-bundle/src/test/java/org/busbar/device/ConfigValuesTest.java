package org.busbar.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigValuesTest {

    private static ConfigValues values(String key, Object value) {
        return new ConfigValues(Map.of(key, value));
    }

    @Test
    void numbersMayBeTextOrNumbersOfAnyType() {
        assertThat(values("n", " 7 ").number("n", 1, 9, 5)).isEqualTo(7);
        assertThat(values("n", 7L).number("n", 1, 9, 5)).isEqualTo(7);
        assertThat(values("n", 9).number("n", 1L, 9L, 5L)).isEqualTo(9);
        assertThat(values("other", 7).number("n", 1, 9, 5)).isEqualTo(5);
    }

    @Test
    void whatIsNoNumberOrOutOfRangeIsNamedWithACorrectOne() {
        for (Object malformed : List.of("often", "", "7.0", "0", 10, "99999999999999999999")) {
            ConfigValues values = values("n", malformed);
            assertThat(values.number("n", 1, 9, 5)).isEqualTo(5);
            assertThat(values.problems())
                    .containsExactly("n '" + malformed + "': write a whole number from 1 to 9, for example n=5");
        }
    }

    @Test
    void onlyTrueAndFalseAreFlags() {
        assertThat(values("f", "TRUE").flag("f", false)).isTrue();
        assertThat(values("f", false).flag("f", true)).isFalse();
        assertThat(values("other", true).flag("f", false)).isFalse();
        ConfigValues values = values("f", "yes");
        assertThat(values.flag("f", true)).isTrue();
        assertThat(values.problems()).containsExactly("f 'yes': write true or false, for example f=true");
    }

    @Test
    void listsMayBeTextWithCommasArraysOrCollections() {
        assertThat(values("l", "a, b,c ").list("l")).containsExactly("a", "b", "c");
        assertThat(values("l", new String[] {"a", "b,c"}).list("l")).containsExactly("a", "b,c");
        assertThat(values("l", new int[] {1, 2}).list("l")).containsExactly("1", "2");
        assertThat(values("l", List.of("a", 2)).list("l")).containsExactly("a", "2");
        assertThat(values("other", "a").list("l")).isEmpty();
    }

    @Test
    void problemsAreKeptInTheOrderInWhichTheyWereFound() {
        ConfigValues values = new ConfigValues(Map.of("n", "x", "f", "y"));
        var _ = values.flag("f", true);
        var _ = values.number("n", 1, 2, 1);
        values.malformed("l entry", "z", "write a");
        assertThat(values.problems()).hasSize(3).last().isEqualTo("l entry 'z': write a");
        assertThat(values.text("n")).isEqualTo("x");
        assertThat(values.text("m")).isNull();
    }
}
