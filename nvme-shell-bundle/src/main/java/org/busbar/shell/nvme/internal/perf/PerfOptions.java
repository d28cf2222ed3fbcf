package org.busbar.shell.nvme.internal.perf;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.busbar.block.QueueOptions.Waiting;
import org.busbar.shell.internal.words.Arguments;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.internal.words.Quantities;

/**
 * What a user asks of {@code nvme:perf}.
 *
 * @param device name of the device
 * @param pattern which blocks, and what for
 * @param readPercent how many of a mixed pattern's requests read
 * @param requestBytes bytes per request
 * @param depth requests in flight per thread
 * @param threads how many threads, each with a queue of its own
 * @param time when to stop, if ever by time
 * @param total bytes after which to stop, if ever by amount
 * @param region bytes from the device's beginning to stay in; nothing for all
 * @param verify whether data are checked
 * @param write whether the user has said that data may be lost
 * @param waiting how threads find completions
 * @param json whether the report is for programs
 */
record PerfOptions(
        String device,
        Pattern pattern,
        int readPercent,
        long requestBytes,
        int depth,
        int threads,
        Optional<Duration> time,
        Optional<Long> total,
        Optional<Long> region,
        boolean verify,
        boolean write,
        Waiting waiting,
        boolean json) {

    static final String HELP = """
            nvme:perf DEVICE [OPTION]...   puts load on a block device and measures it
              --rw PATTERN      read, write, rw, randread, randwrite, randrw          (randread)
              --mix PERCENT     how many of a mixed pattern's requests read           (50)
              --bs SIZE         bytes per request, for example 512, 4k, 128k          (4k)
              --depth N         requests in flight per thread                         (32)
              --threads N       threads, each with a queue of its own                 (1)
              --time TIME       how long: 500ms, 10s, 5m                              (10s)
              --total SIZE      stop after so many bytes
              --size SIZE       stay within so many bytes from the device's beginning (all of it)
              --wait HOW        interrupts: sleep until there is something; poll: keep looking;
                                adaptive: keep looking as long as it lately took, then sleep  (adaptive)
              --verify          write blocks that say what they are, and check what is read
              --write           yes, data on the device may be overwritten
              --json            the report as JSON
            fio's --iodepth, --numjobs, --runtime and --rwmixread are understood as well.""";

    private static final Duration DEFAULT_TIME = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final int MOST_DEPTH = 65_535;
    private static final int MOST_THREADS = 1_024;

    private static final Arguments.Syntax SYNTAX = new Arguments.Syntax()
            .option("--rw", "--pattern", "--readwrite")
            .option("--mix", "--rwmixread")
            .option("--bs", "--blocksize")
            .option("--depth", "--iodepth")
            .option("--threads", "--numjobs")
            .option("--time", "--runtime")
            .option("--total", "--io_size")
            .option("--size")
            .option("--wait")
            .flag("--verify")
            .flag("--write")
            .flag("--json", "-j")
            .flag("--help", "-h");

    static Arguments arguments(List<String> words) {
        return SYNTAX.parse(words);
    }

    static PerfOptions of(Arguments arguments) {
        Optional<Duration> time = arguments.value("--time", PerfOptions::time);
        Optional<Long> total = arguments.value("--total", PerfOptions::positive);
        Pattern pattern = arguments.value("--rw", Pattern::parse).orElse(Pattern.RANDREAD);
        if (arguments.has("--mix") && !pattern.mixed()) {
            throw new CommandFailure("--mix is for rw and randrw, not for " + pattern.text());
        }
        return new PerfOptions(
                arguments.only("device"),
                pattern,
                arguments.number("--mix", 50, 0, 100),
                arguments.value("--bs", PerfOptions::positive).orElse(4096L),
                arguments.number("--depth", 32, 1, MOST_DEPTH),
                arguments.number("--threads", 1, 1, MOST_THREADS),
                time.isEmpty() && total.isEmpty() ? Optional.of(DEFAULT_TIME) : time,
                total,
                arguments.value("--size", PerfOptions::positive),
                arguments.has("--verify"),
                arguments.has("--write"),
                arguments.value("--wait", PerfOptions::waiting).orElse(Waiting.ADAPTIVE),
                arguments.has("--json"));
    }

    private static long positive(String text) {
        long bytes = Quantities.bytes(text);
        if (bytes == 0) {
            throw new IllegalArgumentException("has to be more than 0");
        }
        return bytes;
    }

    private static Duration time(String text) {
        Duration time = Quantities.duration(text);
        if (time.isZero() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("has to be more than 0 and at most 30 days");
        }
        return time;
    }

    private static Waiting waiting(String text) {
        return switch (text) {
            case "poll" -> Waiting.POLL;
            case "adaptive" -> Waiting.ADAPTIVE;
            case "interrupts" -> Waiting.INTERRUPT;
            default -> throw new IllegalArgumentException("is poll, adaptive or interrupts, not '" + text + "'");
        };
    }

    /** Returns how threads find completions, in a word. */
    String waitingText() {
        return switch (waiting) {
            case POLL -> "polling";
            case ADAPTIVE -> "adaptive";
            case INTERRUPT -> "interrupts";
        };
    }
}
