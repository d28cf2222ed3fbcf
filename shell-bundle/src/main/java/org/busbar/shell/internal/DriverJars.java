package org.busbar.shell.internal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/** Looks after the jars in the drivers folder: which of them cannot be used, and why. */
final class DriverJars {

    private static final Pattern PACKAGE = Pattern.compile("osgi\\.wiring\\.package=([\\w.]+)\\)([^&|]*)");

    private final BundleContext context;
    private final @Nullable String folder;

    DriverJars(BundleContext context) {
        this.context = context;
        folder = context.getProperty("busbar.drivers");
    }

    /**
     * A jar that cannot be used.
     *
     * @param jar its file name
     * @param text what is wrong, and what to do
     */
    record Problem(String jar, String text) {}

    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (folder == null) {
            return problems;
        }
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(folder), "*.jar")) {
            for (Path jar : jars) {
                problem(jar).ifPresent(text -> problems.add(new Problem(jar.getFileName().toString(), text)));
            }
        } catch (IOException e) {
            problems.add(new Problem(folder, "cannot be listed: " + e.getMessage()));
        }
        return problems;
    }

    private Optional<String> problem(Path jar) {
        Bundle bundle = context.getBundle(jar.toUri().toString());
        if (bundle == null) {
            bundle = context.getBundle(jar.toUri().toString().replace("file:///", "file:/"));
        }
        if (bundle == null) {
            return Optional.of(notInstalled(jar));
        }
        return bundle.getState() == Bundle.INSTALLED ? Optional.of(unresolved(bundle)) : Optional.empty();
    }

    private static String notInstalled(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            boolean isBundle = file.getManifest() != null
                    && file.getManifest().getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) != null;
            return isBundle
                    ? "is not installed; the log says why"
                    : "is no OSGi bundle (no Bundle-SymbolicName in its manifest); build it with bnd";
        } catch (IOException e) {
            return "is no jar: " + e.getMessage();
        }
    }

    private static String unresolved(Bundle bundle) {
        try {
            bundle.start(Bundle.START_TRANSIENT);
            return "was not resolved until now; it is started";
        } catch (BundleException e) {
            return explain(e);
        }
    }

    /** Returns what the framework's resolver means to say. */
    static String explain(BundleException e) {
        String message = String.valueOf(e.getMessage());
        List<String> missing = PACKAGE.matcher(message)
                .results()
                .map(match -> match.group(1) + range(match.group(2)))
                .distinct()
                .toList();
        return missing.isEmpty()
                ? "cannot be resolved: " + message.lines().findFirst().orElse("")
                : "imports what no bundle here exports: " + String.join(", ", missing);
    }

    private static String range(String filter) {
        Matcher version = Pattern.compile("version>=([\\w.]+)").matcher(filter);
        return version.find() ? " " + version.group(1) : "";
    }
}
