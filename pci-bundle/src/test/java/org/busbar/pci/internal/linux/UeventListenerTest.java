package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What comes of messages that are lost, forged or not to be had; the socket that tells them apart has its own test. */
@Timeout(60)
class UeventListenerTest {

    private static final String ADDED = "ACTION=add\0SUBSYSTEM=pci\0PCI_SLOT_NAME=0000:02:00.0\0";
    private static final int FORGED = 0;

    @TempDir
    Path dir;

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** A socket on which messages are lost and forged as a test says. */
    private static final class Script implements UeventListener.Source {
        private final Fd readable = readable();
        private final Queue<Object> steps = new ConcurrentLinkedQueue<>();
        private volatile boolean closed;

        /** @param steps texts of messages, or what receiving returns */
        Script(Object... steps) {
            this.steps.addAll(List.of(steps));
        }

        private static Fd readable() {
            try {
                Fd fd = EventCalls.eventfd("readable");
                EventCalls.signal(fd);
                return fd;
            } catch (ErrnoException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public Fd fd() {
            return readable;
        }

        @Override
        public int receive(byte[] into) {
            Object step = steps.poll();
            if (step instanceof String text) {
                byte[] message = text.getBytes(StandardCharsets.ISO_8859_1);
                System.arraycopy(message, 0, into, 0, message.length);
                return message.length;
            }
            return step instanceof Integer result ? result : -Errno.EAGAIN;
        }

        @Override
        public void close() {
            closed = true;
            readable.close();
        }
    }

    private final class Told implements UeventListener.Sink, HostListener {
        @Override
        public void event(String action, long key) {
            told.add(action + " " + AddressText.address(key));
        }

        @Override
        public void overflow() {
            told.add("overflow");
        }

        @Override
        public void failed(String why) {
            told.add("failed: " + why);
        }

        @Override
        public void changed() {
            told.add("look at the bus");
        }

        @Override
        public void changed(PciAddress address) {
            told.add("look at " + address);
        }

        @Override
        public void availabilityChanged(PciAddress address) {
            told.add("availability of " + address);
        }
    }

    private String next() throws InterruptedException {
        return String.valueOf(told.poll(20, TimeUnit.SECONDS));
    }

    private LinuxWatch watch(Script script) throws Exception {
        DeviceScanner scanner = new Tree(dir.resolve("sys")).scanner();
        return LinuxWatch.start(sink -> UeventListener.start(script, sink), new Told(), scanner,
                Duration.ofMillis(100));
    }

    @Test
    void L11_lostMessagesAreToldAndThoseAfterThemStillCome() throws Exception {
        Script script = new Script(-Errno.ENOBUFS, ADDED, -Errno.EINTR, ADDED.replace("add", "remove"));
        try (UeventListener listener = UeventListener.start(script, new Told())) {
            assertThat(next()).isEqualTo("overflow");
            assertThat(next()).isEqualTo("add 0000:02:00.0");
            assertThat(next()).isEqualTo("remove 0000:02:00.0");
            assertThat(listener.untrusted()).isZero();
        }
        assertThat(script.closed).isTrue();
        assertThat(told).isEmpty();
    }

    @Test
    void L11_forgedMessagesAreOnlyCounted() throws Exception {
        Script script = new Script(FORGED, FORGED, FORGED, ADDED);
        try (UeventListener listener = UeventListener.start(script, new Told())) {
            assertThat(next()).isEqualTo("add 0000:02:00.0");
            assertThat(listener.untrusted()).isEqualTo(3);
        }
        assertThat(told).isEmpty();
    }

    @Test
    void errorsEndTheListening() throws Exception {
        try (UeventListener listener = UeventListener.start(new Script(-Errno.ENOMEM, ADDED), new Told())) {
            assertThat(next()).isEqualTo("failed: recvmsg: ENOMEM");
            assertThat(listener.untrusted()).isZero();
        }
        assertThat(told).isEmpty();
    }

    @Test
    void L11_lostMessagesMeanALookAtTheWholeBus() throws Exception {
        try (LinuxWatch watch = watch(new Script(-Errno.ENOBUFS, ADDED))) {
            assertThat(next()).isEqualTo("look at the bus");
            assertThat(next()).isEqualTo("look at 0000:02:00.0");
            assertThat(watch.how()).isEqualTo("uevents, and a look every 10 s");
        }
    }

    @Test
    void L11_withoutFurtherMessagesTheBusIsPolled() throws Exception {
        try (LinuxWatch watch = watch(new Script(-Errno.ENOMEM))) {
            for (int i = 0; i < 3; i++) {
                assertThat(next()).isEqualTo("look at the bus");
            }
            assertThat(watch.how()).isEqualTo("a look every 100 ms (uevents failed: recvmsg: ENOMEM)");
        }
    }
}
