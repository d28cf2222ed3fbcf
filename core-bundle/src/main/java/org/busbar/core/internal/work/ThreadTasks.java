package org.busbar.core.internal.work;

import java.util.concurrent.Semaphore;

/**
 * A thread per task. The first tasks at a time get platform threads, so that drivers that spin, or block in native calls,
 * do not use up the few carriers of virtual threads and with them the probes of everybody else; beyond that, when
 * thousands of devices are probed at once, tasks get virtual threads.
 */
public final class ThreadTasks implements Tasks {

    private static final int PLATFORM_THREADS = 128;

    private final Semaphore platform = new Semaphore(PLATFORM_THREADS);

    @Override
    public Task start(String name, Runnable body) {
        Thread thread;
        if (platform.tryAcquire()) {
            thread = Thread.ofPlatform()
                    .name(name)
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .unstarted(new Forgetful(() -> {
                        try {
                            body.run();
                        } finally {
                            platform.release();
                        }
                    }));
            thread.setContextClassLoader(null);
        } else {
            thread = Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).unstarted(new Forgetful(body));
        }
        thread.start();
        return new Task() {
            @Override
            public void interrupt() {
                thread.interrupt();
            }

            @Override
            public StackTraceElement[] stack() {
                return thread.getStackTrace();
            }
        };
    }
}
