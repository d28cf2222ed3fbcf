package org.busbar.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeploymentsTest {

    @Test
    void missingPackagesAreNamedWithTheirVersion() {
        assertThat(Deployments.packageWords(
                "(&(osgi.wiring.package=org.example.missing)(version>=2.0.0)(!(version>=3.0.0)))"))
                .isEqualTo("package org.example.missing 2.0.0");
        assertThat(Deployments.packageWords("(osgi.wiring.package=org.example)")).isEqualTo("package org.example");
    }
}
