package org.busbar.shell.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;

/** Looks at what was put into drivers/ and conf/: which of it cannot be used, and why. */
public final class Deployments {

    private static final Pattern NAME = Pattern.compile("osgi\\.wiring\\.package=([\\w.]+)");
    private static final Pattern VERSION = Pattern.compile("version>=([\\w.]+)");

    private final BundleContext context;
    private final @Nullable String drivers;
    private final @Nullable String home;

    Deployments(BundleContext context) {
        this.context = context;
        drivers = context.getProperty("busbar.drivers");
        home = context.getProperty("busbar.home");
    }

    /**
     * A file that cannot be used.
     *
     * @param file its name
     * @param text what is wrong, and what to do
     */
    record Problem(String file, String text) {}

    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (drivers != null) {
            problems.addAll(look(Path.of(drivers), "*.jar", this::problem));
        }
        if (home != null) {
            problems.addAll(look(Path.of(home, "conf"), "*.cfg", Deployments::malformed));
        }
        return problems;
    }

    private static List<Problem> look(Path folder, String pattern, Function<Path, Optional<String>> problem) {
        List<Problem> problems = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
            for (Path file : files) {
                problem.apply(file).ifPresent(text -> problems.add(new Problem(file.getFileName().toString(), text)));
            }
        } catch (IOException e) {
            problems.add(new Problem(folder.toString(), "cannot be listed: " + e.getMessage()));
        }
        return problems;
    }

    /** Returns which line of a file is malformed. */
    static Optional<String> malformed(Path file) {
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                try {
                    new Properties().load(new StringReader(line));
                } catch (IllegalArgumentException e) {
                    return Optional.of("line " + number + " is malformed: " + line.strip() + " (" + e.getMessage()
                            + "). What the file said before, since the start, stays in force");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot be read (" + e + "): what it said before, since the start, stays in force");
        }
    }

    private Optional<String> problem(Path jar) {
        Bundle bundle = context.getBundle(jar.toUri().toString());
        if (bundle == null) {
            bundle = context.getBundle(jar.toUri().toString().replace("file:///", "file:/"));
        }
        if (bundle == null) {
            return Optional.of(notInstalled(jar));
        }
        return bundle.getState() == Bundle.INSTALLED ? Optional.of(unresolved(context, bundle)) : Optional.empty();
    }

    private static String notInstalled(Path jar) {
        return notABundle(jar).orElse("is not installed yet, or cannot be: then the log says why");
    }

    /** Returns why a file is no bundle; nothing if it is one. */
    public static Optional<String> notABundle(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            boolean isBundle = file.getManifest() != null
                    && file.getManifest().getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) != null;
            return isBundle
                    ? Optional.empty()
                    : Optional.of("is no OSGi bundle (no Bundle-SymbolicName in its manifest); build it with bnd");
        } catch (IOException e) {
            return Optional.of("is no jar (" + e.getMessage() + ")");
        }
    }

    /** Returns why a bundle is not resolved. */
    public static String unresolved(BundleContext context, Bundle bundle) {
        List<String> missing = missing(context, bundle);
        return missing.isEmpty()
                ? "cannot be resolved; the log says why"
                : "needs what no bundle here has: " + String.join(", ", missing);
    }

    /** Returns what a bundle needs that nobody here has. */
    public static List<String> missing(BundleContext context, Bundle bundle) {
        FrameworkWiring framework = context.getBundle(0).adapt(FrameworkWiring.class);
        return bundle.adapt(BundleRevision.class)
                .getDeclaredRequirements(null)
                .stream()
                .filter(requirement -> !isOptional(requirement)
                        && framework.findProviders(requirement).isEmpty())
                .map(Deployments::words)
                .distinct()
                .toList();
    }

    private static boolean isOptional(BundleRequirement requirement) {
        return Namespace.RESOLUTION_OPTIONAL.equals(
                requirement.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE));
    }

    private static String words(BundleRequirement requirement) {
        String filter = requirement.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
        return requirement.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE)
                ? packageWords(filter)
                : requirement.getNamespace() + ' ' + filter;
    }

    /** Returns what a filter for a package asks for: {@code package org.example 1.2.0}. */
    static String packageWords(String filter) {
        Matcher name = NAME.matcher(filter);
        Matcher version = VERSION.matcher(filter);
        return "package " + (name.find() ? name.group(1) : filter) + (version.find() ? ' ' + version.group(1) : "");
    }
}
