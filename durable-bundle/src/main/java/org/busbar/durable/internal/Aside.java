package org.busbar.durable.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.busbar.block.BlockIOException;
import org.busbar.block.QueueOptions;
import org.busbar.device.DeviceGoneException;

/** Opens queues of drivers that may not return, for a thread that has to. */
final class Aside {

    private static final long LONGEST_WAIT_MILLIS = 50;

    private Aside() {}

    /** Returns what another thread has thrown, to be thrown here, or throws it. */
    static BlockIOException cause(ExecutionException failure) {
        return switch (failure.getCause()) {
            case BlockIOException refused -> refused;
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            case null, default -> throw new IllegalStateException(failure);
        };
    }

    /**
     * Opens an attachment on another thread. What that thread opens when nobody waits any more it closes itself.
     *
     * @throws DeviceGoneException if the driver has taken too long, which whoever watches it has found, or is going or gone
     */
    static Attachment open(DurableVolume volume, Path path, QueueOptions options, QueueMemory memory)
            throws BlockIOException {
        CompletableFuture<Attachment> opening = new CompletableFuture<>();
        volume.executor().execute(() -> {
            try {
                Attachment made = Attachment.open(volume, path, options, memory);
                if (!opening.complete(made)) {
                    made.close();
                }
            } catch (BlockIOException | RuntimeException | Error e) {
                opening.completeExceptionally(e);
            }
        });
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return opening.get(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (path.isLeaving() || path.isOver()) { // as it is, too, when its driver has taken too long
                        opening.completeExceptionally(
                                new DeviceGoneException(path + " went while a queue was opened on it"));
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw Aside.cause(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
