package org.busbar.runtime;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.framework.util.FelixConstants;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/**
 * Runs the framework for as long as the session lasts. A session is a service from a bundle, a {@code Callable} whose
 * property {@code busbar.mode} says for which {@link Options.Mode} it is; what it returns becomes the exit status.
 */
final class Launcher {

    private static final Duration SESSION_DEADLINE = Duration.ofSeconds(60);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(20);

    private final Options options;
    private final Assembly assembly;
    private final Home home;

    Launcher(Options options, Assembly assembly, Home home) {
        this.options = options;
        this.assembly = assembly;
        this.home = home;
    }

    /** Starts, runs the session, stops. */
    int run() throws StartException, InterruptedException {
        StrayOutput.intoLog(home.log());
        Framework framework = framework();
        Thread stopper = new Thread(() -> stop(framework), "busbar-stop");
        Runtime.getRuntime().addShutdownHook(stopper);
        try {
            framework.init();
            install(framework.getBundleContext());
            framework.start();
            return runSession(framework);
        } catch (BundleException | IOException e) {
            throw new StartException("the framework does not start: " + e.getMessage(), e);
        } finally {
            stop(framework);
        }
    }

    private Framework framework() throws StartException {
        try {
            return new FrameworkFactory().newFramework(configuration());
        } catch (IOException e) {
            throw new StartException("cannot look at " + home.conf() + ": " + e.getMessage(), e);
        }
    }

    private Map<String, Object> configuration() throws IOException, StartException {
        Map<String, Object> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, home.cache().toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(StartLevels.RUNNING));
        properties.put(FelixConstants.LOG_LOGGER_PROP, new FrameworkLog(home.log()));
        properties.put("busbar.home", home.root().toString());
        properties.put("busbar.assembly", assembly.root().toString());
        properties.put("busbar.drivers", home.drivers().toString());
        options.script().ifPresent(script -> properties.put("busbar.script", script));
        options.sysfs().ifPresent(root -> properties.put("busbar.sysfs", root.toAbsolutePath().toString()));
        properties.put("busbar.terminal", Boolean.toString(interactive()));
        properties.put("gosh.home", assembly.root().toString());
        // Without a prompt the console bundle only adds its commands: echo, grep, each, if, ...
        properties.put("gosh.args", interactive() ? "" : "--nointeractive --noshutdown");
        BundleSettings.addTo(properties, home);
        ConfFolder conf = new ConfFolder(home.conf());
        conf.awaited().ifPresent(until -> properties.put("busbar.core.awaits", until));
        for (String problem : conf.problems()) {
            System.err.println("busbar: " + problem);
        }
        System.setProperty("busbar.log", home.log().toString()); // for conf/logback.xml
        return properties;
    }

    private void install(BundleContext system) throws BundleException, IOException {
        List<Path> jars = new ArrayList<>(assembly.bundles());
        if (!options.emulator()) {
            jars.removeIf(jar -> jar.endsWith("emulator-bundle.jar"));
        }
        jars.addAll(assembly.console(interactive()));
        List<Bundle> bundles = new ArrayList<>();
        for (Path jar : jars) {
            Bundle bundle = system.installBundle("reference:" + jar.toUri());
            bundle.adapt(BundleStartLevel.class).setStartLevel(StartLevels.of(jar));
            bundles.add(bundle);
        }
        for (Bundle bundle : bundles) {
            if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
                bundle.start();
            }
        }
    }

    /** Whether there will be a prompt. */
    private boolean interactive() {
        return options.mode() == Options.Mode.SHELL
                && Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private int runSession(Framework framework) throws StartException, InterruptedException, BundleException {
        int status = call(session(framework.getBundleContext()));
        if (interactive() && status == 0) {
            framework.adapt(FrameworkStartLevel.class).setStartLevel(StartLevels.CONSOLE);
            FrameworkEvent event = framework.waitForStop(0);
            return event.getType() == FrameworkEvent.ERROR ? 1 : 0;
        }
        return status;
    }

    private Callable<?> session(BundleContext system) throws StartException, InterruptedException {
        String filter = "(&(objectClass=" + Callable.class.getName() + ")(busbar.mode="
                + options.mode().text() + "))";
        try {
            CompletableFuture<ServiceReference<?>> found = new CompletableFuture<>();
            system.addServiceListener(event -> found.complete(event.getServiceReference()), filter);
            Optional.ofNullable(system.getAllServiceReferences(null, filter)).ifPresent(all -> found.complete(all[0]));
            Object service =
                    system.getService(found.get(SESSION_DEADLINE.toMillis(), TimeUnit.MILLISECONDS));
            if (service instanceof Callable<?> session) {
                return session;
            }
            throw new StartException("the session ended before it began; see " + home.log());
        } catch (TimeoutException e) {
            throw new StartException("Busbar's bundles have not started within " + SESSION_DEADLINE.toSeconds()
                    + " s; " + home.log() + " says why", e);
        } catch (ExecutionException | InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private int call(Callable<?> session) throws StartException, InterruptedException {
        try {
            return session.call() instanceof Integer status ? status : 0;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) { // whatever a session throws ends it, and is shown
            throw new StartException("the session failed: " + e, e);
        }
    }

    private static void stop(Framework framework) {
        try {
            framework.stop();
            FrameworkEvent event = framework.waitForStop(STOP_DEADLINE.toMillis());
            if (event.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
                System.err.println("busbar: some bundles have not stopped within " + STOP_DEADLINE.toSeconds()
                        + " s; ending without them");
            }
        } catch (BundleException e) {
            System.err.println("busbar: cannot stop in order: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
