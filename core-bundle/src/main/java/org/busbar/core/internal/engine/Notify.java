package org.busbar.core.internal.engine;

import java.util.concurrent.CompletableFuture;

/** Completes futures that callers hold. What hangs on them is foreign code, so it does not run on the worker. */
final class Notify {

    private Notify() {}

    static void done(Environment env, CompletableFuture<Void> future) {
        env.tasks().start("busbar-notify", () -> future.complete(null));
    }

    static void failed(Environment env, CompletableFuture<Void> future, Throwable failure) {
        env.tasks().start("busbar-notify", () -> future.completeExceptionally(failure));
    }
}
