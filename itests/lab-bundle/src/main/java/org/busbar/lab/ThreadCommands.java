package org.busbar.lab;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Component;

/** Shows what threads are at, virtual ones too. */
@Component(service = ThreadCommands.class, property = {"osgi.command.scope=lab", "osgi.command.function=threads"})
public final class ThreadCommands {

    @Descriptor("where the threads are that run code of Busbar's")
    public String threads() throws IOException {
        Path folder = Files.createTempDirectory("threads");
        Path file = folder.resolve("dump");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
            return Arrays.stream(Files.readString(file).split("\n\n"))
                    .filter(thread -> thread.contains(" org.busbar."))
                    .filter(thread -> !thread.contains(ThreadCommands.class.getName()))
                    .collect(Collectors.joining("\n"));
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
    }
}
