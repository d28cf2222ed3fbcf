package org.busbar.runtime;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The command line.
 *
 * @param mode what to do
 * @param script the file of {@link Mode#BATCH}, {@code -} for standard input
 * @param emulator whether to have a rack of emulated cards
 * @param home where configuration, drivers and log are; empty for the usual one
 * @param sysfs root of the sysfs tree to scan; empty for the machine's own
 */
record Options(Mode mode, Optional<String> script, boolean emulator, Optional<Path> home, Optional<Path> sysfs) {

    static final String HELP = """
            usage: busbar [options] [shell]        device tree and prompt (the default)
                   busbar [options] batch FILE     run the shell commands in FILE, - for standard input
                   busbar demo                     a tour that checks every step of itself
            options:
              --no-emulator   only the machine's own bus, without the emulated rack
              --home DIR      where conf/, drivers/ and log/ are; made and filled if it is not there
                              (also: environment variable BUSBAR_HOME)
              --sysfs DIR     scan this tree instead of /sys (also: environment variable BUSBAR_SYSFS)
              --help          this text
            exit status: 0 done, 1 a command or a step of the tour failed, 2 wrong arguments, 3 cannot start
            """;

    /** What the runtime is started for. */
    enum Mode {
        SHELL,
        BATCH,
        DEMO,
        HELP;

        /** Returns the name by which the bundle that serves this mode registers itself. */
        String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static Options parse(List<String> arguments, Optional<String> sysfsVariable) throws UsageException {
        return new Parser(arguments).parse(sysfsVariable.filter(text -> !text.isBlank()));
    }

    private static final class Parser {
        private final Deque<String> rest;
        private Optional<Mode> mode = Optional.empty();
        private Optional<String> script = Optional.empty();
        private boolean emulator = true;
        private Optional<Path> home = Optional.empty();
        private Optional<Path> sysfs = Optional.empty();

        Parser(List<String> arguments) {
            rest = new ArrayDeque<>(arguments);
        }

        Options parse(Optional<String> sysfsVariable) throws UsageException {
            while (!rest.isEmpty()) {
                String word = rest.removeFirst();
                switch (word) {
                    case "--help", "-h", "help" -> {
                        return new Options(Mode.HELP, script, emulator, home, sysfs);
                    }
                    case "--no-emulator" -> emulator = false;
                    case "--home" -> home = Optional.of(Path.of(value(word, "a directory")));
                    case "--sysfs" -> sysfs = Optional.of(Path.of(value(word, "a directory")));
                    case "shell" -> mode(Mode.SHELL);
                    case "demo" -> mode(Mode.DEMO);
                    case "batch" -> {
                        mode(Mode.BATCH);
                        script = Optional.of(value(word, "a file with commands, or - for standard input"));
                    }
                    default -> throw new UsageException("'" + word + "' is not an option or a command of busbar");
                }
            }
            Mode chosen = mode.orElse(Mode.SHELL);
            if (chosen == Mode.DEMO && (home.isPresent() || !emulator)) {
                throw new UsageException("demo works on a rack and in a home folder of its own:"
                        + " it takes neither --home nor --no-emulator");
            }
            return new Options(chosen, script, emulator, home, sysfs.or(() -> sysfsVariable.map(Path::of)));
        }

        private void mode(Mode wanted) throws UsageException {
            if (mode.isPresent()) {
                throw new UsageException("'" + mode.get().text() + "' and '" + wanted.text() + "' exclude each other");
            }
            mode = Optional.of(wanted);
        }

        private String value(String option, String what) throws UsageException {
            if (rest.isEmpty()) {
                throw new UsageException(option + " needs " + what + " after it");
            }
            return rest.removeFirst();
        }
    }
}
