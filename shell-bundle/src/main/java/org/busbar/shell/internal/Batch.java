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
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.PciBus;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The session that runs shell commands from a file or from standard input, each line as it comes. Lines that are empty
 * or begin with # are left out. Ends with the first command that fails.
 */
@Component(service = Callable.class, property = "busbar.mode=batch")
public final class Batch implements Callable<Integer> {

    private static final int FAILED = 1;
    private static final int NO_SCRIPT = 2;

    private final CommandProcessor processor;
    private final PciBus bus;
    private final String script;
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;

    @Activate
    public Batch(@Reference CommandProcessor processor, @Reference PciBus bus, BundleContext context) {
        this.processor = processor;
        this.bus = bus;
        script = Objects.requireNonNullElse(context.getProperty("busbar.script"), "-");
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        settle();
        try (BufferedReader lines = open()) {
            return run(lines);
        } catch (NoSuchFileException e) {
            err.println("busbar: there is no file " + script);
            return NO_SCRIPT;
        } catch (IOException e) {
            err.println("busbar: cannot read " + script + ": " + e.getMessage());
            return NO_SCRIPT;
        }
    }

    private void settle() throws InterruptedException {
        try {
            bus.settle(Deadline.afterMillis(2_000));
        } catch (DeviceTimeoutException e) {
            err.println("busbar: not everything has settled yet: " + e.getMessage());
        }
    }

    private BufferedReader open() throws IOException {
        return script.equals("-")
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                : Files.newBufferedReader(Path.of(script));
    }

    private int run(BufferedReader lines) throws IOException {
        try (CommandSession session = processor.createSession(System.in, out, err)) {
            // As the shell has it: commands without scope are looked for in all scopes.
            session.put("SCOPE", "gogo:*");
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                String command = line.strip();
                if (!command.isEmpty() && !command.startsWith("#") && !succeeds(session, command, number)) {
                    return FAILED;
                }
            }
            return 0;
        }
    }

    private boolean succeeds(CommandSession session, String command, int line) {
        out.println("> " + command);
        try {
            Object result = session.execute(command);
            if (result != null && !"".equals(result)) {
                out.println(result instanceof String ? result : session.format(result, Converter.INSPECT));
            }
            out.flush();
            return true;
        } catch (Exception e) { // whatever a command throws ends the batch, and is shown
            out.flush();
            String name = script.equals("-") ? "standard input" : script;
            err.println("busbar: " + name + ", line " + line + ": " + e.getMessage());
            return false;
        }
    }
}
