package org.busbar.core.internal.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadTasksTest {

    /** The framework's class loaders may keep a thread that has ended. */
    @Test
    void L6_threadThatHasEndedHoldsNothingOfItsTask() throws Exception {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        WeakReference<Object> work = start(thread, collected);
        Thread ended = thread.get(10, TimeUnit.SECONDS);
        ended.join(10_000);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Reference<?> found = null;
        while (found == null && System.nanoTime() - end < 0) {
            System.gc();
            found = collected.remove(50);
        }
        assertThat(found).isSameAs(work);
        assertThat(ended.isAlive()).isFalse();
    }

    private static WeakReference<Object> start(CompletableFuture<Thread> thread, ReferenceQueue<Object> queue) {
        Object work = new Object();
        new ThreadTasks().start("task", () -> {
            thread.complete(Thread.currentThread());
            Reference.reachabilityFence(work);
        });
        return new WeakReference<>(work, queue);
    }
}
