package org.busbar.shell.net.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.io.FrameStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code org.busbar.net.io.FrameStream} on a port of memory, which is here. */
@Timeout(60)
class FrameStreamTest {

    private final MemoryPort port = new MemoryPort("e000:03:00.0", 1, 2048);

    @Test
    void framesComeAndGo() throws Exception {
        byte[] jumbo = new byte[5000];
        jumbo[4999] = 7;
        try (FrameStream frames = FrameStream.open(port)) {
            port.arrive(Pings.arp(1));
            port.arrive(jumbo);
            assertThat(frames.receive(Deadline.afterMillis(20_000))).hasValue(Pings.arp(1));
            assertThat(frames.receive(Deadline.afterMillis(20_000))).hasValue(jumbo);
            assertThat(frames.receive(Deadline.afterMillis(1))).isEmpty();

            frames.send(Pings.arp(2), Deadline.afterMillis(20_000));
            assertThat(port.sent(1).getFirst()).isEqualTo(Pings.arp(2));
            assertThatThrownBy(() -> frames.send(new byte[2049], Deadline.afterMillis(20_000)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(port.packetsOut()).isZero();
        assertThat(port.openQueues()).isZero();
    }

    @Test
    void L8_aDeviceThatGoesEndsTheWait() throws Exception {
        try (FrameStream frames = FrameStream.open(port)) {
            port.yank();
            assertThatThrownBy(() -> frames.receive(Deadline.afterMillis(20_000)))
                    .isInstanceOf(DeviceGoneException.class);
        }
    }
}
