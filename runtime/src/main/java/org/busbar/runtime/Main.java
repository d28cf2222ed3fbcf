package org.busbar.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the process begins and ends. */
public final class Main {

    private static final int WRONG_ARGUMENTS = 2;
    private static final int CANNOT_START = 3;

    private Main() {}

    /** Runs Busbar and ends the process; {@code --help} lists the arguments. */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) {
        try {
            Options options = Options.parse(arguments, Optional.ofNullable(System.getenv("BUSBAR_SYSFS")));
            if (options.mode() == Options.Mode.HELP) {
                System.out.print(Options.HELP);
                return 0;
            }
            Assembly assembly = Assembly.ofThisLauncher();
            try (Home home = home(options, assembly)) {
                return new Launcher(options, assembly, home).run();
            }
        } catch (UsageException e) {
            System.err.println("busbar: " + e.getMessage() + "; busbar --help lists what there is");
            return WRONG_ARGUMENTS;
        } catch (StartException | IOException e) {
            System.err.println("busbar: " + e.getMessage());
            return CANNOT_START;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CANNOT_START;
        }
    }

    private static Home home(Options options, Assembly assembly) throws StartException {
        return options.mode() == Options.Mode.DEMO
                ? Home.temporary(assembly)
                : Home.open(options.home().orElseGet(() -> usualHome(assembly)), assembly);
    }

    private static Path usualHome(Assembly assembly) {
        return Optional.ofNullable(System.getenv("BUSBAR_HOME"))
                .filter(text -> !text.isBlank())
                .map(Path::of)
                .orElse(assembly.root());
    }
}
