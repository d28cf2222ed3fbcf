package org.busbar.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules about sources: they are there for every module, also for those that are built after this one, or not at all. */
final class SourceRulesTest {

    private static final Path PROJECT = Path.of("").toAbsolutePath().getParent();
    private static final Set<String> NO_SOURCES = Set.of("target", ".git", "node_modules");
    private static final Pattern SLEEP = Pattern.compile("\\.\\s*sleep\\s*\\(");
    private static final Pattern NULL_MARKED = Pattern.compile("^@(org\\.jspecify\\.annotations\\.)?NullMarked\\b",
            Pattern.MULTILINE);

    @Test
    void nobodySleepsAndTestsNeither() throws IOException {
        List<Path> sources = sources(PROJECT);
        assertThat(sources).extracting(SourceRulesTest::module)
                .as("modules that are looked at")
                .contains("core-bundle", "itests", "itests/lab-bundle", "benchmarks", "benchmarks/jmh", "runtime");
        assertThat(sources.stream().filter(contains(SLEEP)))
                .as("sources that sleep; the first is there so that this rule can fail")
                .extracting(path -> path.getFileName().toString())
                .containsExactly("Sleeping.java");
    }

    @Test
    void everyPackageIsNullMarked() throws IOException {
        assertThat(packagesWithoutNullMarked(PROJECT)).as("packages whose package-info has no @NullMarked").isEmpty();
    }

    @Test
    void packageWithoutNullMarkedIsNoticed(@TempDir Path project) throws IOException {
        Path marked = Files.createDirectories(project.resolve("a/src/main/java/marked"));
        Files.writeString(marked.resolve("package-info.java"),
                "/** Not @NullMarked. */\n@NullMarked\npackage marked;\n");
        Files.writeString(marked.resolve("A.java"), "package marked;\n");
        Path spoken = Files.createDirectories(project.resolve("a/src/main/java/spoken"));
        Files.writeString(spoken.resolve("package-info.java"), "/** {@code @NullMarked} */\npackage spoken;\n");
        Files.writeString(spoken.resolve("A.java"), "package spoken;\n");
        Path bare = Files.createDirectories(project.resolve("a/b/src/main/java/bare"));
        Files.writeString(bare.resolve("A.java"), "package bare;\n");
        assertThat(packagesWithoutNullMarked(project)).containsExactlyInAnyOrder(spoken, bare);
    }

    private static Set<Path> packagesWithoutNullMarked(Path project) throws IOException {
        Set<Path> packages = new TreeSet<>();
        for (Path source : sources(project)) {
            if (project.relativize(source).toString().contains("src/main/java/")) {
                packages.add(source.getParent());
            }
        }
        packages.removeIf(folder -> {
            Path info = folder.resolve("package-info.java");
            return Files.exists(info) && contains(NULL_MARKED).test(info);
        });
        return packages;
    }

    private static Predicate<Path> contains(Pattern pattern) {
        return file -> {
            try {
                return pattern.matcher(Files.readString(file)).find();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private static String module(Path source) {
        String path = PROJECT.relativize(source).toString();
        int end = path.indexOf("/src/");
        return end < 0 ? "" : path.substring(0, end);
    }

    private static List<Path> sources(Path project) throws IOException {
        List<Path> sources = new ArrayList<>();
        Files.walkFileTree(project, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return NO_SOURCES.contains(folder.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".java")) {
                    sources.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return sources;
    }
}
