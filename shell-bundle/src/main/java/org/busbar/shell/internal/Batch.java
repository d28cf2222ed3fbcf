package org.busbar.shell.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.felix.service.command.CommandProcessor;
import org.busbar.pci.PciBus;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The session that runs commands from a file or from standard input, and ends with the first that fails. */
@Component(service = Callable.class, property = "busbar.mode=batch")
public final class Batch implements Callable<Integer> {

    private static final int FAILED = 1;
    private static final int NO_SCRIPT = 2;

    private final CommandLines commands;
    private final PciBus bus;
    private final String script;
    private final PrintStream err = System.err;

    @Activate
    public Batch(@Reference CommandProcessor processor, @Reference PciBus bus, BundleContext context) {
        this.commands = new CommandLines(processor);
        this.bus = bus;
        script = Objects.requireNonNullElse(context.getProperty("busbar.script"), "-");
    }

    @Override
    public Integer call() throws InterruptedException {
        FirstLook.settle(bus);
        try (BufferedReader lines = open()) {
            return commands.batch(lines, script.equals("-") ? "standard input" : script) ? 0 : FAILED;
        } catch (NoSuchFileException e) {
            err.println("busbar: there is no file " + script);
        } catch (IOException e) {
            err.println("busbar: cannot read " + script + ": " + e.getMessage());
        }
        return NO_SCRIPT;
    }

    private BufferedReader open() throws IOException {
        return script.equals("-")
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                : Files.newBufferedReader(Path.of(script));
    }
}
