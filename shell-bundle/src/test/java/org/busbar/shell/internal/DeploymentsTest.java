package org.busbar.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeploymentsTest {

    @Test
    void missingPackagesAreNamedWithTheirVersion() {
        assertThat(Deployments.packageWords(
                "(&(osgi.wiring.package=org.example.missing)(version>=2.0.0)(!(version>=3.0.0)))"))
                .isEqualTo("package org.example.missing 2.0.0");
        assertThat(Deployments.packageWords("(osgi.wiring.package=org.example)")).isEqualTo("package org.example");
    }

    @Test
    void lineThatIsMalformedIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.cfg"), "# first\nx = 1\ny = \\u12\n");
        assertThat(Deployments.malformed(file)).get()
                .asString()
                .startsWith("line 3 is malformed: y = \\u12 (")
                .endsWith("stays in force");
        assertThat(Deployments.malformed(Files.writeString(file, "x = \u00e9\n"))).isEmpty();
        assertThat(Deployments.malformed(folder)).get().asString().startsWith("cannot be read");
    }
}
