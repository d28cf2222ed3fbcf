package org.busbar.shell.net.internal.run;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.device.DeviceGoneException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work under way on a thread of its own. Thread-safe. */
public final class Job {

    private static final Logger LOG = LoggerFactory.getLogger(Job.class);
    private static final long END_MILLIS = 10_000;

    private final int id;
    private final Work work;
    private final Stop stop;
    private final Instant started = Instant.now();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable String failure;

    Job(int id, Work work, Stop stop) {
        this.id = id;
        this.work = work;
        this.stop = stop;
        thread = Thread.ofPlatform().daemon().name(id == 0 ? "nic-foreground" : "nic-job-" + id).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (Work open = work) {
            open.run(stop);
        } catch (DeviceGoneException e) {
            failure = "the device is gone: " + e.getMessage();
        } catch (InterruptedException e) {
            failure = "interrupted: it did not end when asked to";
        } catch (IOException e) {
            failure = String.valueOf(e.getMessage());
        } catch (RuntimeException | Error e) { // a defect: the job has ended, which must not look like an end
            LOG.warn("{} has failed", work.title(), e);
            failure = "defect: " + e;
        } finally {
            ended.countDown();
        }
    }

    /** Returns its number, from 1; 0 in the foreground. */
    public int id() {
        return id;
    }

    /** Returns what it does. */
    public Work work() {
        return work;
    }

    /** Returns when it began. */
    public Instant started() {
        return started;
    }

    /** Returns whether it goes on. */
    public boolean isRunning() {
        return ended.getCount() > 0;
    }

    /** Returns what opens at its end. */
    CountDownLatch ended() {
        return ended;
    }

    void ask() {
        stop.ask();
    }

    /** Has it end, and waits for that. One that does not listen is interrupted. */
    void end() throws InterruptedException {
        stop.ask();
        if (!ended.await(END_MILLIS, TimeUnit.MILLISECONDS)) {
            thread.interrupt();
            if (!ended.await(END_MILLIS, TimeUnit.MILLISECONDS)) {
                failure = "it has not ended: the device hangs";
                LOG.warn("{} has not ended; its thread is at {}", work.title(), (Object) thread.getStackTrace());
            }
        }
    }

    /** Returns why it is, or ended, other than it should; nothing while it runs, or if all went well. */
    public Optional<String> complaint() {
        String reason = failure;
        if (reason != null) {
            return Optional.of(reason);
        }
        return isRunning() ? Optional.empty() : work.complaint();
    }
}
