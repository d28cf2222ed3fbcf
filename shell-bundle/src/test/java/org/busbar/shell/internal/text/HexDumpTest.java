package org.busbar.shell.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HexDumpTest {

    @Test
    void linesThatRepeatAreOneAsterisk() {
        byte[] bytes = new byte[64];
        System.arraycopy("Busbar".getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, 6);

        assertThat(HexDump.of(bytes, 512)).isEqualTo("""
                0000000200  42 75 73 62 61 72 00 00 00 00 00 00 00 00 00 00  |Busbar..........|
                0000000210  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  |................|
                *
                0000000240""");
    }
}
