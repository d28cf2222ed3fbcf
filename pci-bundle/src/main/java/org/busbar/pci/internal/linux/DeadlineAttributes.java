package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * Reads and writes attributes of sysfs, each within a time limit. A write returns when the kernel is done with what it asks
 * for, a read may wait for the device's lock, and a driver that does not let go of a device blocks both: they are made on
 * a thread of their own, which is left behind then. An interrupt does not cut them short, as half a claim is worse than
 * a late one; it stays pending.
 */
final class DeadlineAttributes implements KernelBinding.Attributes {

    private final Duration limit;

    DeadlineAttributes(Duration limit) {
        this.limit = limit;
    }

    @Override
    public String read(Path file) throws IOException {
        return run(() -> Files.readString(file), "reading " + file);
    }

    @Override
    public void write(Path file, String text) throws IOException {
        run(() -> {
            writeNow(file, text);
            return text;
        }, "'" + text.strip() + "' > " + file);
    }

    private String run(Callable<String> call, String what) throws IOException {
        FutureTask<String> task = new FutureTask<>(call);
        Thread thread = Thread.ofPlatform().daemon().name("busbar-sysfs " + what).start(task);
        if (!Joiner.join(thread, limit)) {
            throw new IOException("the kernel did not finish " + what + " within " + limit.toSeconds()
                    + " s; somebody holds the device, see its log (dmesg)");
        }
        try {
            return task.resultNow();
        } catch (IllegalStateException e) {
            if (task.exceptionNow() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException("failed: " + what, task.exceptionNow());
        }
    }

    private static void writeNow(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
