package org.busbar.shell.nvme.internal.nbd;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A connection's requests and its memory. Whoever wants one when there is none waits. Thread-safe. */
final class Requests {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private final Request[] all;
    private final Deque<Request> free = new ArrayDeque<>();
    private final Pages pages;
    private boolean closed;

    Requests(int count, ByteBuffer memory) {
        pages = new Pages(memory.capacity());
        all = new Request[count];
        for (int i = 0; i < count; i++) {
            all[i] = new Request(i, memory);
            free.add(all[i]);
        }
    }

    Request get(long number) {
        return all[(int) number];
    }

    /** Waits for a request; null if there will be none any more. */
    @Nullable
    Request take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (free.isEmpty() && !closed) {
                released.await();
            }
            return closed ? null : free.pop();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for memory for a request's data.
     *
     * @param bytes at most what the limits call the largest
     * @return whether it has got it; if not, there will be none any more
     */
    boolean allot(Request request, int bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            int at = pages.take(bytes);
            while (at < 0 && !closed) {
                released.await();
                at = pages.take(bytes);
            }
            if (at < 0) {
                return false;
            }
            request.memoryAt = at;
            request.memoryBytes = bytes;
            request.data.limit(at + bytes).position(at);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a request and its memory back. */
    void release(Request request) {
        lock.lock();
        try {
            if (request.memoryBytes > 0) {
                pages.release(request.memoryAt, request.memoryBytes);
                request.memoryBytes = 0;
            }
            free.push(request);
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Gives out nothing any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
