package org.busbar.shell.nvme.internal.admin;

import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code nvme:detach} under the name that nvme-cli has for it, which no method can have. */
@Component(service = Function.class, property = {"osgi.command.scope=nvme", "osgi.command.function=detach-ns"})
public final class DetachNs implements Function {

    private final ChangeCommands commands;

    @Activate
    public DetachNs(@Reference ChangeCommands commands) {
        this.commands = commands;
    }

    @Override
    public Object execute(CommandSession session, List<Object> arguments) {
        if (arguments.size() != 2) {
            throw new CommandFailure("nvme:detach-ns CONTROLLER NSID");
        }
        return commands.detach(arguments.getFirst().toString(), arguments.getLast().toString());
    }
}
