package org.busbar.pci.internal.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HostScannerTest {

    private static final HostListener NOBODY = new HostListener() {
        @Override
        public void changed() {}

        @Override
        public void availabilityChanged(PciAddress address) {}
    };

    /** The framework's class loaders may keep a thread that has ended; the bundle of the host must not stay with it. */
    @Test
    void L6_threadOfAScannerThatHasEndedHoldsNothingOfItsHost() throws Exception {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        WeakReference<?>[] host = new WeakReference<?>[1];
        Thread ended = scanOnce(host, collected);
        assertThat(ended.join(Duration.ofSeconds(10))).isTrue();

        Reference<?> found = null;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (found == null && System.nanoTime() - end < 0) {
            System.gc();
            found = collected.remove(50);
        }
        assertThat(found).isSameAs(host[0]);
        Reference.reachabilityFence(ended);
    }

    private static Thread scanOnce(WeakReference<?>[] reference, ReferenceQueue<Object> queue) throws Exception {
        FakeHost host = new FakeHost("forgotten");
        reference[0] = new WeakReference<>(host, queue);
        HostScanner scanner = new HostScanner(host, NOBODY, (diff, functions, problems, request) -> request.complete(
                new ScanOutcome(BusChange.NONE, problems)));
        scanner.start();
        scanner.scan().get(10, TimeUnit.SECONDS);
        Thread thread = Thread.getAllStackTraces()
                .keySet()
                .stream()
                .filter(each -> each.getName().equals("busbar-scan-forgotten"))
                .findFirst()
                .orElseThrow();
        scanner.close();
        return thread;
    }
}
