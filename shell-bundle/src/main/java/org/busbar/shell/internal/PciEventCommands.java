package org.busbar.shell.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.device.DeviceEvent;
import org.busbar.pci.PciBus;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Times;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What has happened on the bus, and what happens. */
@Component(service = PciEventCommands.class, property = {"osgi.command.scope=pci", "osgi.command.function=events"})
public final class PciEventCommands {

    private static final int DEFAULT_COUNT = 30;
    private static final long LONGEST_FOLLOW_SECONDS = TimeUnit.DAYS.toSeconds(1);

    /** Where the terminal console keeps its terminal; other consoles have none. */
    private static final String TERMINAL = ".terminal";

    private final PciBus bus;

    @Activate
    public PciEventCommands(@Reference PciBus bus) {
        this.bus = bus;
    }

    @Descriptor("shows the latest events; with -f those to come, until Enter or Ctrl-C, or until there were -n")
    public String events(
            CommandSession session,
            @Descriptor("JSON instead of words; with -f an event per line") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("follow: show events as they happen") @Parameter(names = {"-f",
                "--follow"}, presentValue = "true", absentValue = "false") boolean follow,
            @Descriptor("how many") @Parameter(names = {"-n", "--count"}, absentValue = "0") int count) {
        if (follow) {
            follow(session, count, json ? Json::line : PciEventCommands::line);
            return "";
        }
        List<DeviceEvent> history = bus.history();
        int shown = Math.min(history.size(), count > 0 ? count : DEFAULT_COUNT);
        List<DeviceEvent> latest = history.subList(history.size() - shown, history.size());
        return json
                ? Json.of(latest)
                : String.join("\n", latest.stream().map(PciEventCommands::line).toList());
    }

    private void follow(CommandSession session, int count, Function<DeviceEvent, String> words) {
        PrintStream out = session.getConsole();
        CountDownLatch enough = new CountDownLatch(count > 0 ? count : 1);
        try (AutoCloseable _ = bus.follow(event -> {
            if (enough.getCount() > 0) {
                out.println(words.apply(event));
                out.flush();
            }
            if (count > 0) {
                enough.countDown();
            }
        })) {
            awaitEnd(session, enough, count > 0);
        } catch (InterruptedException | InterruptedIOException e) {
            // Whoever interrupts wants the command to end, and it has.
        } catch (IOException e) {
            throw new Failure("the console cannot be read: " + e.getMessage(), e);
        } catch (Exception e) { // what closing a subscription is declared to throw
            throw new IllegalStateException(e);
        }
    }

    private static void awaitEnd(CommandSession session, CountDownLatch enough, boolean limited)
            throws IOException, InterruptedException {
        Object terminal = session.get(TERMINAL);
        if (terminal != null) {
            TerminalKeys.awaitEnd(terminal, enough);
        } else if (limited) {
            enough.await(LONGEST_FOLLOW_SECONDS, TimeUnit.SECONDS);
        } else {
            awaitEnter(session.getKeyboard());
        }
    }

    private static void awaitEnter(InputStream keyboard) throws IOException {
        int key = keyboard.read();
        if (key < 0) {
            throw new Failure("nobody can press Enter here: say with -n for how many events to wait");
        }
        while (key >= 0 && key != '\n' && key != '\r') {
            key = keyboard.read();
        }
    }

    static String line(DeviceEvent event) {
        StringBuilder line = new StringBuilder(Times.clock(event.time()))
                .append("  ")
                .append("%-14s".formatted(event.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ')))
                .append("  ");
        if (event.device() != null) {
            line.append(event.device()).append("  ");
        }
        if (event.driver() != null) {
            line.append(event.driver()).append("  ");
        }
        return line.append(event.text()).toString().stripTrailing();
    }
}
