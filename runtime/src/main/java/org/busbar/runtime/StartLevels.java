package org.busbar.runtime;

import java.nio.file.Path;

/** The order in which bundles start; within a level the order does not matter. */
final class StartLevels {

    /** Logging, so that everything else can log. */
    static final int LOGGING = 1;
    /** OSGi services: DS, ConfigAdmin, EventAdmin, the command processor. */
    static final int SERVICES = 2;
    /** The driver core, the PCI bus, the rack, the commands. */
    static final int BUS = 3;
    /** The watcher of conf/ and drivers/: configuration is in force before the first driver arrives. */
    static final int DRIVERS = 4;
    /** The level at which the session is asked for. */
    static final int RUNNING = 5;
    /** The console of the terminal, which it owns once the session has printed what comes first. */
    static final int CONSOLE = 6;

    private StartLevels() {}

    static int of(Path jar) {
        String name = jar.getFileName().toString();
        if (name.endsWith("gogo.jline.jar")) {
            return CONSOLE;
        }
        if (name.startsWith("pax-logging")) {
            return LOGGING;
        }
        if (name.endsWith("fileinstall.jar")) {
            return DRIVERS;
        }
        return name.endsWith("-bundle.jar") ? BUS : SERVICES;
    }
}
