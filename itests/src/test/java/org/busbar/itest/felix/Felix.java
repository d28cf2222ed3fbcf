package org.busbar.itest.felix;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.propagateSystemProperties;
import static org.ops4j.pax.exam.CoreOptions.streamBundle;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.itest.felix.control.Traffic;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.options.UrlProvisionOption;

/** The framework that tests run in: the bundles of the runtime but for its console, and what tests need. */
final class Felix {

    /** Directory of all jars, made by the build. */
    static final String BUNDLES = "busbar.bundles";

    static final String CORE = "org.busbar.core";
    static final String PCI = "org.busbar.pci";
    static final String EMULATOR = "org.busbar.emulator";

    private static final String CONTROL = Ledger.class.getPackageName();

    private Felix() {}

    /** Returns the options for a framework with an empty rack and without drivers. */
    static Option options() {
        return composite(
                propagateSystemProperties(BUNDLES),
                // Has JUnit run the tests inside of the framework too, so that @Before and rules work there.
                systemProperty("pax.exam.invoker").value("junit"),
                systemProperty("org.ops4j.pax.logging.DefaultServiceLog.level").value("INFO"),
                // A tree without devices: tests are about the rack, and look the same on any machine.
                frameworkProperty("busbar.sysfs").value(emptySysfs().toString()),
                early("pax-logging-api"),
                early("org.osgi.service.component"),
                early("org.osgi.util.function"),
                early("org.osgi.util.promise"),
                early("org.apache.felix.configadmin"),
                early("org.apache.felix.metatype"),
                early("org.apache.felix.eventadmin"),
                early("org.apache.felix.scr"),
                early("byte-buddy"),
                early("assertj-core"),
                early("org.apache.servicemix.bundles.hamcrest"),
                early("org.apache.servicemix.bundles.junit"),
                early("pax-exam-invoker-junit"),
                streamBundle(control().open()).startLevel(1),
                early("core-bundle"),
                early("pci-bundle"),
                early("emulator-bundle"));
    }

    private static Path emptySysfs() {
        try {
            Path tree = Path.of(System.getProperty(BUNDLES)).resolveSibling("empty-sysfs");
            Files.createDirectories(tree.resolve("bus/pci/devices"));
            return tree;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the jar of a module or a third-party bundle. */
    static Path jar(String artifact) {
        return Path.of(System.getProperty(BUNDLES), artifact + ".jar");
    }

    /** Returns the option for a bundle that is there before the tests. */
    static UrlProvisionOption early(String artifact) {
        return bundle(jar(artifact).toUri().toString()).startLevel(1);
    }

    private static BundleJar control() {
        return BundleJar.named(CONTROL)
                .header("Export-Package", CONTROL + ";version=1.0.0")
                .classes(Ledger.class, Traffic.class);
    }

    /** Returns the import of the package that tests share with their drivers. */
    static String importControl() {
        return CONTROL + ";version=1.0.0";
    }
}
