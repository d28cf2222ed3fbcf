package org.busbar.pci.internal.vfio;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.Daemons;

/**
 * A system call that may take as long as a card takes to answer: over a minute if the card is dead. It runs on a thread of
 * its own, and its caller waits no longer than agreed. Afterwards the call goes on, because nothing can stop it.
 */
final class KernelCall {

    private KernelCall() {}

    /** A call that may take long. */
    @FunctionalInterface
    interface Call<T, E extends Exception> {
        T run() throws E;
    }

    /**
     * Runs a call.
     *
     * @param what is done, in words; the thread's name, and the message if time is up
     * @param failure what the call may throw
     * @param late called instead when the caller has gone, with the result or with nothing if the call failed
     * @throws TimeoutException if the deadline has passed
     */
    static <T, E extends Exception> T run(
            String what, Deadline deadline, Class<E> failure, Call<T, E> call, Consumer<Optional<T>> late)
            throws E, TimeoutException {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread thread = Daemons.unstarted("busbar " + what, () -> complete(future, call, late));
        thread.start();
        Uninterruptibly.await(deadline, nanos -> thread.join(Duration.ofNanos(nanos)));
        if (future.cancel(false)) {
            throw new TimeoutException(what + " takes longer than agreed and goes on in the background");
        }
        try {
            return future.join();
        } catch (CompletionException e) {
            throw unwrap(e, failure);
        }
    }

    private static <T, E extends Exception> void complete(
            CompletableFuture<T> future, Call<T, E> call, Consumer<Optional<T>> late) {
        T result;
        try {
            result = call.run();
        } catch (Throwable t) {
            if (!future.completeExceptionally(t)) { // thrown again by the caller, if it is still there
                late.accept(Optional.empty());
            }
            return;
        }
        if (!future.complete(result)) {
            late.accept(Optional.of(result));
        }
    }

    private static <E extends Exception> E unwrap(CompletionException e, Class<E> failure) {
        Throwable cause = e.getCause();
        if (failure.isInstance(cause)) {
            return failure.cast(cause);
        }
        if (cause instanceof Error error) {
            throw error;
        }
        throw new IllegalStateException(cause);
    }
}
