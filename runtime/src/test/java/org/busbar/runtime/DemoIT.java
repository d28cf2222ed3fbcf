package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tour checks itself; here it is checked that it is taken to its end. */
class DemoIT {

    @TempDir
    Path folder;

    @Test
    void everyStepPasses() throws Exception {
        var result = BusbarProcess.run(folder, "", "demo");

        assertThat(result.out()).contains("10 steps,", "all passed.").doesNotContain("FAILED");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
    }
}
