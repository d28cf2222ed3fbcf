package org.busbar.shell.nvme.internal.admin;

import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code nvme:attach} under the name that nvme-cli has for it, which no method can have. */
@Component(service = Function.class, property = {"osgi.command.scope=nvme", "osgi.command.function=attach-ns"})
public final class AttachNs implements Function {

    private final ChangeCommands commands;

    @Activate
    public AttachNs(@Reference ChangeCommands commands) {
        this.commands = commands;
    }

    @Override
    public Object execute(CommandSession session, List<Object> arguments) {
        if (arguments.size() != 2) {
            throw new CommandFailure("nvme:attach-ns CONTROLLER NSID");
        }
        return commands.attach(arguments.getFirst().toString(), arguments.getLast().toString());
    }
}
