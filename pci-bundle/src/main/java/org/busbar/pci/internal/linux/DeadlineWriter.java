package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes attributes of sysfs, each within a time limit. Such a write returns when the kernel is done with what it asks
 * for, and a driver that does not let go of a device blocks it: it is made on a thread of its own, which is left behind
 * then.
 */
final class DeadlineWriter implements KernelBinding.AttributeWriter {

    private final Duration limit;

    DeadlineWriter(Duration limit) {
        this.limit = limit;
    }

    @Override
    public void write(Path file, String text) throws IOException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            writeNow(file, text);
            return null;
        });
        Thread.ofPlatform().daemon().name("busbar-sysfs " + file.getFileName()).start(task);
        try {
            task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("the kernel did not finish '" + text.strip() + "' > " + file + " within "
                    + limit.toSeconds() + " s; somebody holds the device, see its log (dmesg)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while writing to " + file, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException("cannot write to " + file, e.getCause());
        }
    }

    private static void writeNow(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
