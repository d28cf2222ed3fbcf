package org.busbar.architecture;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Waits are by condition with a deadline: nobody sleeps, tests neither. */
final class NoSleepTest {

    static final ArchRule nobodySleeps = noClasses().should()
            .accessTargetWhere(targetOwner(assignableTo(Thread.class).or(equivalentTo(TimeUnit.class)))
                    .and(target(name("sleep"))))
            .as("no class should sleep");

    @Test
    void noBundleAndNoTestSleeps() throws IOException {
        List<Path> compiled = compiledClassesOfAllModules();
        JavaClasses classes = new ClassFileImporter().importPaths(compiled);
        assertThat(classes.containPackage("org.busbar.device")).as("classes in %s", compiled).isTrue();
        nobodySleeps.check(classes);
    }

    /** Test classes are nobody's dependency, so they are read where the build left them. */
    private static List<Path> compiledClassesOfAllModules() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        try (Stream<Path> modules = Files.list(here.resolve("..").normalize())) {
            return modules
                    .filter(module -> !module.equals(here))
                    .flatMap(module -> Stream.of(module.resolve("target/classes"),
                            module.resolve("target/test-classes")))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }
}
