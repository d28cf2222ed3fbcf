package org.busbar.architecture;

import static com.tngtech.archunit.core.domain.JavaModifier.NATIVE;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** One package of the PCI bundle talks to the kernel; nobody else can harm the process. */
@AnalyzeClasses(packages = "org.busbar", importOptions = DoNotIncludeTests.class)
final class NativeAccessTest {

    @ArchTest
    static final ArchRule restrictedMethodsInOnePackage = noClasses()
            .that()
            .resideOutsideOfPackage("org.busbar.pci.internal.sys")
            .should(RestrictedMethods.use());

    @ArchTest
    static final ArchRule noNativeMethods = noMethods().should().haveModifier(NATIVE);
}
