package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a running Busbar has taken of the machine.
 *
 * @param descriptors open ones
 * @param ownThreads threads that are named after Busbar, so not the JVM's own, which come and go
 * @param threads all
 * @param shared mappings of memory that is shared with other processes
 * @param heapKilobytes what is left in the heap after a collection
 * @param residentKilobytes memory of the whole process
 */
record Footprint(int descriptors, int ownThreads, int threads, int shared, long heapKilobytes, long residentKilobytes) {

    private static final Pattern HEAP = Pattern.compile("^ *(?:DefNew|Tenured) .* used (\\d+)K", Pattern.MULTILINE);
    private static final Pattern RESIDENT = Pattern.compile("^VmRSS:\\s+(\\d+) kB", Pattern.MULTILINE);

    /** Room for an attempt to connect that is under way; a leak is one or more in each round. */
    private static final int FEW = 4;

    /** The JVM starts and ends compilers and carriers as it likes. */
    private static final int JVM_THREADS = 8;

    private static final long DEADLINE_SECONDS = 120;
    private static final long HEAP_NOISE = 8 << 10;

    /** Mostly what of the young generation nothing has touched before. */
    private static final long RESIDENT_NOISE = 256 << 10;

    static Footprint of(long pid) throws IOException, InterruptedException {
        Path process = Path.of("/proc", Long.toString(pid));
        jcmd(pid, "GC.run");
        long heap = sum(HEAP, jcmd(pid, "GC.heap_info"));
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"));
                Stream<Path> threads = Files.list(process.resolve("task"));
                Stream<String> maps = Files.lines(process.resolve("maps"))) {
            var names = threads.map(Footprint::name).toList();
            return new Footprint(
                    (int) descriptors.count(),
                    (int) names.stream().filter(name -> name.startsWith("busbar")).count(),
                    names.size(),
                    (int) maps.filter(line -> line.contains("memfd:busbar")).count(),
                    heap,
                    sum(RESIDENT, Files.readString(process.resolve("status"))));
        }
    }

    /** Requires that what was taken has been given back, compared with another time when nothing was in use. */
    void requireNoMoreThan(Footprint before) {
        assertThat(descriptors).as("open descriptors").isLessThanOrEqualTo(before.descriptors + FEW);
        assertThat(ownThreads).as("Busbar's threads").isLessThanOrEqualTo(before.ownThreads + FEW);
        assertThat(threads).as("threads").isLessThanOrEqualTo(before.threads + JVM_THREADS);
        assertThat(shared).as("mappings of shared memory").isLessThanOrEqualTo(before.shared);
        assertThat(heapKilobytes).as("KiB of live objects").isLessThanOrEqualTo(before.heapKilobytes + HEAP_NOISE);
        assertThat(residentKilobytes).as("KiB of memory")
                .isLessThanOrEqualTo(before.residentKilobytes + RESIDENT_NOISE);
    }

    private static String name(Path thread) {
        try {
            return Files.readString(thread.resolve("comm"));
        } catch (IOException e) {
            return ""; // it has just ended
        }
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                "-J-Dsun.tools.attach.attachTimeout=" + TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS),
                Long.toString(pid),
                command)
                .redirectErrorStream(true)
                .start();
        // What it says is little enough for a pipe.
        assertThat(jcmd.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).as("the end of jcmd " + command).isTrue();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jcmd.exitValue()).as(said).isZero();
        return said;
    }

    private static long sum(Pattern pattern, String text) {
        var found = pattern.matcher(text).results().map(MatchResult::group).toList();
        assertThat(found).as(text).isNotEmpty();
        return pattern.matcher(text).results().mapToLong(match -> Long.parseLong(match.group(1))).sum();
    }
}
