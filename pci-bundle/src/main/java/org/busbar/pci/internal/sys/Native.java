package org.busbar.pci.internal.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Links C library functions, and turns addresses into segments. The one class that does either. */
final class Native {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(StructLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CALL_STATE));

    private Native() {}

    /**
     * Links a function; the handle takes {@link #state} as its first argument.
     *
     * @param firstVariadic index of the first variadic argument, or -1
     */
    static MethodHandle link(String name, FunctionDescriptor type, int firstVariadic) {
        MemorySegment address = LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no function " + name));
        Linker.Option errno = Linker.Option.captureCallState("errno");
        return firstVariadic < 0
                ? LINKER.downcallHandle(address, type, errno)
                : LINKER.downcallHandle(address, type, errno, Linker.Option.firstVariadicArg(firstVariadic));
    }

    /** Links a function that has no variadic arguments. */
    static MethodHandle link(String name, FunctionDescriptor type) {
        return link(name, type, -1);
    }

    /** Returns where calls of this thread leave their errno. */
    static MemorySegment state() {
        return STATE.get();
    }

    /** Returns the result, or the negated errno if it is -1. */
    static int result(int result, MemorySegment state) {
        return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    }

    /** Returns the result, or the negated errno if it is -1. */
    static long result(long result, MemorySegment state) {
        return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    }

    /** A linked call has no checked exceptions of its own: what comes out of the handle is a defect of this package. */
    static Error unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            return error;
        }
        return new AssertionError("native call failed in Java", thrown);
    }

    /** Returns a segment for memory at an address, which the arena closes, after {@code cleanup} if there is one. */
    static MemorySegment segment(
            long address, long size, Arena arena, @Nullable Consumer<MemorySegment> cleanup) {
        return MemorySegment.ofAddress(address).reinterpret(size, arena, cleanup);
    }
}
