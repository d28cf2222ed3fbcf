package org.busbar.durable.internal;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
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
     * Opens an attachment on another thread.
     *
     * @throws DeviceGoneException if the driver has taken too long, which whoever watches it has found, or is gone
     */
    static Attachment open(DurableVolume volume, Path path, QueueOptions options, QueueMemory memory)
            throws BlockIOException {
        FutureTask<Attachment> opening = new FutureTask<>(() -> Attachment.open(volume, path, options, memory)) {
            @Override
            protected void done() {
                if (path.isCondemned() && state() == State.SUCCESS) {
                    resultNow().close(); // nobody waits any more
                }
            }
        };
        volume.executor().execute(opening);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return opening.get(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (path.isCondemned()) {
                        throw new DeviceGoneException(path + ": its driver has failed");
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
