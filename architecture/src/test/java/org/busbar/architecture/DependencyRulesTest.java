package org.busbar.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;

/** Dependencies point one way: drivers to PCI to core; emulator to PCI; durable handles to core; shell to all but drivers. */
@AnalyzeClasses(packages = "org.busbar", importOptions = DoNotIncludeTests.class)
final class DependencyRulesTest {

    /**
     * Besides the classes of the driver itself. Whatever else a driver imported would tie its replacement to others, and
     * {@code org.busbar.device.bus} is for buses: a driver that held a session could drive the core.
     */
    private static final String[] OPEN_TO_DRIVERS = {"java..", "org.busbar.device", "org.busbar.block",
        "org.busbar.net", "org.busbar.net.driver", "org.busbar.nvme",
        "org.busbar.pci", "org.osgi.annotation..", "org.osgi.service.component..", "org.osgi.service.metatype..",
        "org.jspecify.annotations", "org.slf4j"};

    @ArchTest
    static final ArchRule bundlesDependOneWay = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .layer("core")
            .definedBy(Bundles.CORE)
            .layer("pci")
            .definedBy(Bundles.PCI)
            .layer("drivers")
            .definedBy(Bundles.DRIVERS)
            .layer("emulator")
            .definedBy(Bundles.EMULATOR)
            .layer("durable")
            .definedBy(Bundles.DURABLE)
            .layer("ports")
            .definedBy(Bundles.PORTS)
            .layer("shell")
            .definedBy(Bundles.SHELL)
            .whereLayer("core")
            .mayNotAccessAnyLayer()
            .whereLayer("pci")
            .mayOnlyAccessLayers("core")
            .whereLayer("drivers")
            .mayOnlyAccessLayers("core", "pci")
            .whereLayer("emulator")
            .mayOnlyAccessLayers("core", "pci")
            .whereLayer("durable")
            .mayOnlyAccessLayers("core")
            .whereLayer("ports")
            .mayOnlyAccessLayers("core")
            .whereLayer("shell")
            .mayOnlyAccessLayers("core", "pci", "emulator", "durable", "ports");

    @ArchTest
    static final ArchRule driversImportOnlyApiPackages = classes().that()
            .resideInAPackage(Bundles.DRIVERS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with(OPEN_TO_DRIVERS, Bundles.DRIVERS));

    @ArchTest
    static final ArchRule driversDoNotKnowEachOther = slices().matching("org.busbar.driver.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(resideInAPackage(Bundles.DRIVERS), resideInAPackage(Bundles.DRIVER_SUPPORT));

    /** What is copied into drivers brings nothing along that ties them to others. */
    @ArchTest
    static final ArchRule driverSupportImportsOnlyApiPackages = classes().that()
            .resideInAPackage(Bundles.DRIVER_SUPPORT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with(OPEN_TO_DRIVERS, Bundles.DRIVER_SUPPORT));

    /** Of no bus and no driver: whatever is a block device may be a path of a volume. */
    @ArchTest
    static final ArchRule durableHandlesKnowOnlyApiPackages = classes().that()
            .resideInAnyPackage(Bundles.DURABLE)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.busbar.device", "org.busbar.block", "org.busbar.volume",
                    "org.busbar.durable..", "org.osgi.annotation..", "org.osgi.framework",
                    "org.osgi.service.component..", "org.osgi.service.metatype..", "org.jspecify.annotations",
                    "org.slf4j");

    /** Of no bus, no driver and no storage: whatever is a network port may be the card of a lasting one. */
    @ArchTest
    static final ArchRule durablePortsKnowOnlyApiPackages = classes().that()
            .resideInAPackage(Bundles.PORTS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.busbar.device", "org.busbar.net", "org.busbar.net.driver",
                    Bundles.PORTS, "org.osgi.annotation..", "org.osgi.framework",
                    "org.osgi.service.component..", "org.osgi.service.metatype..", "org.jspecify.annotations",
                    "org.slf4j");

    @ArchTest
    static final ArchRule internalsOfDurablePortsStayInside = noClasses().that()
            .resideOutsideOfPackage(Bundles.PORTS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.busbar.port.internal..");

    @ArchTest
    static final ArchRule internalsOfDurableHandlesStayInside = noClasses().that()
            .resideOutsideOfPackages(Bundles.DURABLE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.busbar.durable..");

    /** Drivers are found as services, so that the commands outlive them; of the shell only what is copied in is used. */
    @ArchTest
    static final ArchRule nvmeCommandsKnowOnlyWhatDriversOffer = classes().that()
            .resideInAPackage(Bundles.NVME_SHELL)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.busbar.device", "org.busbar.block", "org.busbar.nvme",
                    "org.busbar.volume",
                    "org.busbar.shell.internal.services", "org.busbar.shell.internal.text",
                    "org.busbar.shell.internal.words",
                    "org.busbar.shell.internal.console", Bundles.NVME_SHELL,
                    "org.HdrHistogram", "com.sun.management",
                    "org.apache.felix.service.command",
                    "org.osgi.framework", "org.osgi.service.component..", "org.jspecify.annotations", "org.slf4j");

    @ArchTest
    static final ArchRule networkCommandsKnowOnlyWhatDriversOffer = classes().that()
            .resideInAPackage(Bundles.NET_SHELL)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.busbar.device", "org.busbar.net..", "org.busbar.port",
                    "org.busbar.shell.internal.services", "org.busbar.shell.internal.text",
                    "org.busbar.shell.internal.words",
                    "org.busbar.shell.internal.console",
                    Bundles.NET_SHELL, "org.apache.felix.service.command",
                    "org.osgi.framework", "org.osgi.service.component..", "org.jspecify.annotations", "org.slf4j");

    @ArchTest
    static final ArchRule shellDoesNotNeedTheCommandsForDevices = noClasses().that()
            .resideInAPackage(Bundles.SHELL)
            .and()
            .resideOutsideOfPackages(Bundles.NVME_SHELL, Bundles.NET_SHELL)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(Bundles.NVME_SHELL, Bundles.NET_SHELL);

    @ArchTest
    static final ArchRule commandsForDevicesDoNotKnowEachOther = slices().matching("org.busbar.shell.(nvme|net)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule internalsOfCoreStayInside = noClasses().that()
            .resideOutsideOfPackages(Bundles.CORE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.busbar.core..");

    @ArchTest
    static final ArchRule internalsOfPciStayInside = noClasses().that()
            .resideOutsideOfPackage(Bundles.PCI)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.busbar.pci.internal..");

    @ArchTest
    static final ArchRule internalsOfEmulatorStayInside = noClasses().that()
            .resideOutsideOfPackage(Bundles.EMULATOR)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.busbar.emulator.internal..");

    @ArchTest
    static void everyBundleIsLookedAt(JavaClasses classes) {
        for (String root : List.of("core", "device", "block", "net", "nvme", "pci", "driver.nvme", "driver.nic",
                "driver.virtionet", "driver.support", "emulator", "volume", "durable", "port",
                "shell", "shell.nvme", "shell.net")) {
            assertThat(classes.containPackage("org.busbar." + root)).as("classes of org.busbar.%s", root).isTrue();
        }
    }

    private static String[] with(String[] patterns, String another) {
        String[] all = Arrays.copyOf(patterns, patterns.length + 1);
        all[patterns.length] = another;
        return all;
    }
}
