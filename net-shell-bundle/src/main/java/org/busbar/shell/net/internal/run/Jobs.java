package org.busbar.shell.net.internal.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * What runs: in the foreground of sessions, and in the background, where jobs have numbers and the latest that have ended are kept.
 * Thread-safe.
 */
@Component(service = Jobs.class)
public final class Jobs {

    private static final int MOST_ENDED = 20;

    private final Map<Integer, Job> jobs = new ConcurrentHashMap<>();
    private final Set<Job> foreground = ConcurrentHashMap.newKeySet();
    private final AtomicInteger ids = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Starts work that has been opened, in the background. */
    Job start(Work work, Stop stop) {
        forgetOldest();
        Job job = new Job(ids.incrementAndGet(), work, stop);
        jobs.put(job.id(), job);
        return started(job);
    }

    /** Starts work that has been opened, before somebody's eyes: nobody else asks for it by a number. */
    Job startForeground(Work work, Stop stop) {
        Job job = new Job(0, work, stop);
        foreground.add(job);
        return started(job);
    }

    private Job started(Job job) {
        job.start();
        if (closed.get()) { // the bundle stops at this very moment
            job.ask();
        }
        return job;
    }

    private void forgetOldest() {
        List<Job> ended = all().stream().filter(job -> !job.isRunning()).toList();
        for (int i = 0; i <= ended.size() - MOST_ENDED; i++) {
            jobs.remove(ended.get(i).id());
        }
    }

    void forget(Job job) {
        foreground.remove(job);
        jobs.remove(job.id(), job);
    }

    /** Returns those in the background, by number. */
    public List<Job> all() {
        List<Job> all = new ArrayList<>(jobs.values());
        all.sort(Comparator.comparingInt(Job::id));
        return all;
    }

    /** Returns all that runs, those in the foreground of any session at the end. */
    List<Job> everything() {
        List<Job> everything = all();
        everything.addAll(foreground);
        return everything;
    }

    /** Returns the job of a number. */
    public Job find(int id) {
        Job job = jobs.get(id);
        if (job == null) {
            throw new CommandFailure(
                    "there is no job " + id + "; nic:jobs shows the " + jobs.size() + " that there are");
        }
        return job;
    }

    /** No code of this bundle runs once it has stopped. */
    @Deactivate
    void endAll() {
        closed.set(true);
        List<Job> all = everything();
        all.forEach(Job::ask);
        try {
            for (Job job : all) {
                job.end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
