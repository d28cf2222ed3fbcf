package org.busbar.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.busbar.architecture.fixture.Restricted;
import org.busbar.architecture.fixture.Sleeping;
import org.busbar.architecture.fixture.api.Engine;
import org.busbar.architecture.fixture.api.LeaningOnLogging;
import org.busbar.architecture.fixture.api.Point;
import org.busbar.core.offender.UsesPci;
import org.busbar.driver.neighbour.Neighbour;
import org.busbar.driver.offender.UsesBusSession;
import org.busbar.driver.offender.UsesCoreInternals;
import org.busbar.driver.offender.UsesEmulatorInternals;
import org.busbar.driver.offender.UsesFramework;
import org.busbar.driver.offender.UsesHostSpi;
import org.busbar.driver.offender.UsesNeighbour;
import org.busbar.driver.offender.UsesPciInternals;
import org.busbar.driver.support.offender.KnowsADriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A rule that never fails proves nothing: each one is shown a class that breaks it. */
final class RulesCanFailTest {

    @ParameterizedTest
    @MethodSource
    void everyRestrictedMethodIsNoticed(Class<?> user) {
        assertThat(breaks(NativeAccessTest.restrictedMethodsInOnePackage, user)).isTrue();
    }

    static Stream<Class<?>> everyRestrictedMethodIsNoticed() {
        return Restricted.ALL.stream();
    }

    @Test
    void plainMemoryAccessIsAllowed() {
        assertThat(breaks(NativeAccessTest.restrictedMethodsInOnePackage, Restricted.Harmless.class)).isFalse();
    }

    @Test
    void nativeMethodIsNoticed() {
        assertThat(breaks(NativeAccessTest.noNativeMethods, Restricted.Native.class)).isTrue();
    }

    @ParameterizedTest
    @MethodSource
    void everySleepIsNoticed(Class<?> sleeper) {
        assertThat(breaks(NoSleepTest.nobodySleeps, sleeper)).isTrue();
    }

    static Stream<Class<?>> everySleepIsNoticed() {
        return Sleeping.ALL.stream();
    }

    @Test
    void implementationInApiIsNoticed() {
        assertThat(breaks(ApiPackagesTest.apiHoldsNoImplementation, Engine.class)).isTrue();
    }

    @Test
    void valueInApiIsAllowed() {
        assertThat(breaks(ApiPackagesTest.apiHoldsNoImplementation, Point.class)).isFalse();
    }

    @Test
    void apiThatLeansOnLoggingIsNoticed() {
        assertThat(breaks(ApiPackagesTest.apiDoesNotLeanOnImplementation, LeaningOnLogging.class)).isTrue();
    }

    @Test
    void coreThatKnowsPciIsNoticed() {
        // Every layer needs a class, or ArchUnit complains about the empty layer instead.
        ArchRule rule = DependencyRulesTest.bundlesDependOneWay;
        assertThat(rule.evaluate(new ClassFileImporter().importPackages("org.busbar")).getFailureReport().getDetails())
                .anyMatch(line -> line.contains(UsesPci.class.getName()));
    }

    @ParameterizedTest
    @ValueSource(classes = {UsesBusSession.class, UsesHostSpi.class, UsesFramework.class, UsesCoreInternals.class,
        UsesPciInternals.class})
    void driverThatLooksBehindTheApiIsNoticed(Class<?> driver) {
        assertThat(breaks(DependencyRulesTest.driversImportOnlyApiPackages, driver)).isTrue();
    }

    @Test
    void driverThatKnowsAnotherIsNoticed() {
        assertThat(breaks(DependencyRulesTest.driversDoNotKnowEachOther, UsesNeighbour.class, Neighbour.class))
                .isTrue();
    }

    @Test
    void driverSupportThatKnowsADriverIsNoticed() {
        assertThat(breaks(DependencyRulesTest.driverSupportImportsOnlyApiPackages, KnowsADriver.class)).isTrue();
    }

    @Test
    void useOfCoreInternalsIsNoticed() {
        assertThat(breaks(DependencyRulesTest.internalsOfCoreStayInside, UsesCoreInternals.class)).isTrue();
    }

    @Test
    void useOfPciInternalsIsNoticed() {
        assertThat(breaks(DependencyRulesTest.internalsOfPciStayInside, UsesPciInternals.class)).isTrue();
    }

    @Test
    void useOfEmulatorInternalsIsNoticed() {
        assertThat(breaks(DependencyRulesTest.internalsOfEmulatorStayInside, UsesEmulatorInternals.class)).isTrue();
    }

    @Test
    void driverThatExportsIsNoticed() {
        assertThat(breaks(ApiPackagesTest.driversAndShellExportNothing, UsesNeighbour.class)).isTrue();
    }

    /** Imports whole packages, because whether a package is exported stands in its package-info. */
    private static boolean breaks(ArchRule rule, Class<?>... classes) {
        Set<String> names = Stream.of(classes).map(Class::getName).collect(Collectors.toSet());
        JavaClasses chosen = new ClassFileImporter().importPackagesOf(classes)
                .that(DescribedPredicate.describe("chosen", type -> names.contains(type.getName())));
        assertThat(chosen).hasSize(classes.length);
        return rule.evaluate(chosen).hasViolation();
    }
}
