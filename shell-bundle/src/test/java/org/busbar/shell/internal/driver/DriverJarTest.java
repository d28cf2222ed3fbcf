package org.busbar.shell.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.busbar.shell.internal.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

/** What is said of a jar before anything is done with it. */
class DriverJarTest {

    @TempDir
    Path folder;

    private Path jar(String... headers) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        for (int i = 0; i < headers.length; i += 2) {
            manifest.getMainAttributes().putValue(headers[i], headers[i + 1]);
        }
        Path file = folder.resolve("driver.jar");
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(out, manifest)) {
            jar.finish();
        }
        return file;
    }

    private static void expectFailure(Path file, String... words) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> DriverJar.at(file.toString()))
                .satisfies(failure -> assertThat(failure.getMessage()).contains(words));
    }

    @Test
    void driverHasNameAndVersion() throws Exception {
        Path file = jar("Bundle-SymbolicName", "org.example.driver;singleton:=true", "Bundle-Version", "1.2.3.q",
                "Import-Package", "org.busbar.device;version=\"[1.0,2)\",org.busbar.pci;version=\"[1.2,2)\"");
        DriverJar driver = DriverJar.at(file.toString());
        assertThat(driver.symbolicName()).isEqualTo("org.example.driver");
        assertThat(driver.version()).isEqualTo(new Version("1.2.3.q"));
        assertThat(driver.file()).isEqualTo(file);
        assertThat(driver).hasToString("org.example.driver 1.2.3.q");
    }

    @Test
    void whatIsNoDriverIsRefusedWithTheReason() throws Exception {
        expectFailure(folder.resolve("none.jar"), "there is no file", "none.jar");
        expectFailure(folder, "is a folder");
        Path text = Files.writeString(folder.resolve("text.jar"), "text");
        expectFailure(text, "is no jar");
        expectFailure(jar("Import-Package", "org.busbar.pci"), "is no OSGi bundle", "build it with bnd");
        expectFailure(
                jar("Bundle-SymbolicName", "org.example.app", "Import-Package", "org.busbar.pci.host,org.busbar.block"),
                "is no driver", "org.busbar.pci");
        expectFailure(jar("Bundle-SymbolicName", "org.example.app"), "is no driver");
        expectFailure(jar("Bundle-SymbolicName", "org.example.driver", "Bundle-Version", "one", "Import-Package",
                "org.busbar.pci"), "malformed Bundle-Version");
    }
}
