package org.busbar.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** An API package (one with @Export) holds no implementation and leans on none. */
@AnalyzeClasses(packages = "org.busbar", importOptions = DoNotIncludeTests.class)
final class ApiPackagesTest {

    @ArchTest
    static final ArchRule apiHoldsNoImplementation = classes().that(ApiShape.EXPORTED)
            .should(ApiShape.beContractsOrValues());

    @ArchTest
    static final ArchRule apiDoesNotLeanOnImplementation = noClasses().that(ApiShape.EXPORTED)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..internal..", "org.slf4j..");

    @ArchTest
    static final ArchRule driversAndShellExportNothing = noClasses()
            .that()
            .resideInAnyPackage(Bundles.DRIVERS, Bundles.SHELL)
            .should(ApiShape.beExported());
}
