package org.busbar.shell.net.internal.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.PortFeature;
import org.busbar.shell.net.internal.MemoryPort;
import org.busbar.shell.net.internal.Pings;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Stop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TapWorkTest {

    private final Stop stop = new Stop(Optional.empty());

    private static TapWork work(MemoryPort port, MemoryTap tap) {
        return new TapWork(Ports.Found.of(port), name -> tap, "tap0", false);
    }

    private CompletableFuture<Void> run(TapWork work) {
        return CompletableFuture.runAsync(() -> {
            try (work) {
                work.run(stop);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }, Thread.ofPlatform().daemon()::start);
    }

    private void passes(MemoryPort port, int mtu) throws Exception {
        port.changeMtu(mtu);
        MemoryTap tap = new MemoryTap(true);
        TapWork work = work(port, tap);
        work.open();
        assertThat(tap.mac()).isEqualTo(port.mac());
        assertThat(tap.mtu()).isEqualTo(mtu);
        assertThat(tap.isUp()).isTrue();
        CompletableFuture<Void> run = run(work);
        byte[] frame = Pings.ipv4(port.mac(), mtu - 28, mtu).getFirst();

        for (int i = 0; i < 300; i++) {
            port.arrive(frame);
            tap.fromKernel.add(frame);
        }
        List<byte[]> sent = port.sent(300);
        for (int i = 0; i < 300; i++) {
            assertThat(tap.toKernel.poll(20, TimeUnit.SECONDS)).isEqualTo(frame);
            assertThat(sent.get(i)).isEqualTo(frame);
        }
        stop.ask();
        run.get(20, TimeUnit.SECONDS);

        assertThat(port.packetsOut()).isZero();
        assertThat(port.openQueues()).isZero();
        assertThat(tap.isClosed()).isTrue();
        assertThat(work.report().values()).containsEntry("to the kernel", 300L).containsEntry("to the port", 300L);
    }

    @Test
    void framesPassBothWays() throws Exception {
        passes(new MemoryPort("e000:03:00.0", 1, 2048), 1500);
    }

    @Test
    void framesLongerThanAPacketPassBothWays() throws Exception {
        passes(new MemoryPort("e000:03:00.0", 1, 2048, PortFeature.SCATTERED_TRANSMIT), 9000);
    }

    @Test
    void withoutPrivilegeThePortAdaptsAndTheReportSaysWhatIsLeftToDo() throws Exception {
        MemoryPort port = new MemoryPort("e000:03:00.0", 1, 2048, PortFeature.PROMISCUOUS);
        TapWork work = work(port, new MemoryTap(false));
        work.open();

        assertThat(port.settings()).containsExactly("promiscuous true");
        assertThat(work.report().values().get("remarks").toString()).contains("only root may");
        work.close();
        assertThat(port.settings()).containsExactly("promiscuous true", "promiscuous false");
    }

    @Test
    void L8_aDeviceThatGoesEndsIt() throws Exception {
        MemoryPort port = new MemoryPort("e000:03:00.0", 1, 2048);
        MemoryTap tap = new MemoryTap(true);
        TapWork work = work(port, tap);
        work.open();
        port.yank();

        assertThatThrownBy(() -> work.run(stop)).isInstanceOf(DeviceGoneException.class);
        work.close();
        assertThat(tap.isClosed()).isTrue();
        assertThat(port.packetsOut()).isZero();
    }
}
