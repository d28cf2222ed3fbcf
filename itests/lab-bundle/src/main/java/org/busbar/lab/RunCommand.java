package org.busbar.lab;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Component;

/** Runs commands for a script that reads the output: says how each ended, and outlives those that fail. */
@Component(service = RunCommand.class, property = {"osgi.command.scope=lab", "osgi.command.function=run"})
public final class RunCommand {

    @Descriptor("run a command; a line with the mark says how it ended, and a failure does not end the batch")
    public void run(CommandSession session, String mark, Function command) {
        PrintStream out = session.getConsole();
        out.println("=" + mark + " begin");
        String end;
        try {
            Object result = command.execute(session, List.of());
            if (result != null) {
                out.println(result);
            }
            end = "ok";
        } catch (Exception e) { // whatever a command throws is the script's to judge
            end = "failed: " + Optional.ofNullable(e.getMessage()).orElse(e.toString()).lines().findFirst().orElse("");
        }
        out.println("=" + mark + " " + end);
        out.flush();
    }
}
