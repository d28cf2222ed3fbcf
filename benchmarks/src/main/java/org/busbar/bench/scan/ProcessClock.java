package org.busbar.bench.scan;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.sun.management.OperatingSystemMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/**
 * CPU time of this process, all its threads, the JVM's own too.
 *
 * <p>There are two clocks: what the JDK offers counts in ticks of 10 ms, but needs nothing that a scan needs as well;
 * {@code clock_gettime} counts nanoseconds, but linking it makes a first scan look better, which links functions, too.
 */
final class ProcessClock {

    private static final int CLOCK_PROCESS_CPUTIME_ID = 2;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private ProcessClock() {}

    /** Returns the clock that counts in ticks; for what takes many of them. */
    static LongSupplier coarse() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            return system::getProcessCpuTime;
        }
        throw new IllegalStateException("this JVM does not tell the CPU time of its process");
    }

    /** Returns the clock that counts nanoseconds. Not to be asked for before a first scan was measured. */
    static LongSupplier fine() {
        Linker linker = Linker.nativeLinker();
        MethodHandle gettime = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("clock_gettime"),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
        MemorySegment timespec = Arena.ofAuto().allocate(16, 8);
        return () -> read(gettime, timespec);
    }

    private static long read(MethodHandle gettime, MemorySegment timespec) {
        int result;
        try {
            result = (int) gettime.invokeExact(CLOCK_PROCESS_CPUTIME_ID, timespec);
        } catch (Throwable t) {
            throw new IllegalStateException("clock_gettime", t);
        }
        if (result != 0) {
            throw new IllegalStateException("clock_gettime returned " + result);
        }
        return timespec.get(JAVA_LONG, 0) * NANOS_PER_SECOND + timespec.get(JAVA_LONG, 8);
    }
}
