package org.busbar.core.internal.scope;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.busbar.device.bus.Keepable;
import org.jspecify.annotations.Nullable;

/** What a binding has acquired, closed in reverse order, each thing exactly once. */
final class OwnedResources {

    private record Owned(String what, AutoCloseable resource) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Owned> stack = new ArrayDeque<>();
    private boolean closed;

    /** Takes a resource over. Returns false, and takes nothing, once closing has begun. */
    boolean add(String what, AutoCloseable resource) {
        lock.lock();
        try {
            if (!closed) {
                stack.push(new Owned(what, resource));
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Closes everything. If a call hangs, a second call, from another thread, goes on with the rest.
     *
     * @param trouble told of each failure
     * @param wanted asked before each resource whether this caller still is the one to close it
     */
    void close(BiConsumer<String, Throwable> trouble, BooleanSupplier wanted) {
        while (wanted.getAsBoolean()) {
            Owned next = pop();
            if (next == null) {
                return;
            }
            close(next.what(), next.resource(), trouble);
        }
    }

    static void close(String what, AutoCloseable resource, BiConsumer<String, Throwable> trouble) {
        try {
            resource.close();
        } catch (Throwable failure) { // one resource that cannot be closed must not keep the others open
            trouble.accept("closing " + what, failure);
        }
    }

    /** Returns the resource that was acquired last of those that can be kept, or null if none can. */
    @Nullable
    Keepable keepable() {
        lock.lock();
        try {
            for (Owned owned : stack) {
                if (owned.resource() instanceof Keepable keepable) {
                    return keepable;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return stack.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Owned pop() {
        lock.lock();
        try {
            closed = true;
            return stack.poll();
        } finally {
            lock.unlock();
        }
    }
}
