package org.busbar.pci.internal.vfio.lab;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.Bar;

/** Reads a register until that fails. */
final class RegisterReader {
    private final AtomicReference<String> end = new AtomicReference<>("still reading");
    private final Thread thread;

    RegisterReader(Bar registers) throws InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        thread = Thread.ofPlatform().daemon().start(() -> {
            long reads = 0;
            try {
                while (true) {
                    registers.read32(NvmeAdmin.VS);
                    if (++reads == 1000) {
                        reading.countDown();
                    }
                }
            } catch (DeviceGoneException | InternalError e) {
                end.set(e.getClass().getSimpleName() + " after " + reads + " reads: " + e.getMessage());
            }
        });
        Lab.check(reading.await(10, TimeUnit.SECONDS), "the reader reads");
    }

    String end() throws InterruptedException {
        thread.join(10_000);
        return end.get();
    }
}
