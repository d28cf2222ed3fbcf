package org.busbar.shell.nvme.internal.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.busbar.block.BlockDevice;
import org.busbar.shell.nvme.internal.FakeDevice;
import org.junit.jupiter.api.Test;

class ExportsTest {

    private final FakeDevice device = new FakeDevice(1024, 512);
    private final Set<BlockDevice> present = new HashSet<>();
    private final Exports exports = new Exports(present::contains);

    private Export add() throws Exception {
        return exports.add(new Offer("fake/n1", "", device, true, Server.LIMITS), new Place.Port(0));
    }

    @Test
    void anExportEndsWithItsDevice() throws Exception {
        present.add(device);
        Export export = add();
        try (NbdClient client = NbdClient.ready(export, true)) {
            exports.leave(device);

            assertThat(client.isClosedByServer()).isTrue();
            assertThat(exports.all()).isEmpty();
            assertThat(device.openQueues()).isZero();
        }
    }

    @Test
    void L7_allExportsEndWithTheBundle() throws Exception {
        present.add(device);
        Export export = add();
        try (NbdClient client = NbdClient.ready(export, true)) {
            exports.end();

            assertThat(client.isClosedByServer()).isTrue();
            assertThat(exports.all()).isEmpty();
            assertThat(device.openQueues()).isZero();
            assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().endsWith("-fake/n1"));
        }
    }

    @Test
    void aDeviceIsExportedOnceAndAgainAfterThat() throws Exception {
        present.add(device);
        add();
        assertThatThrownBy(this::add).hasMessageContaining("exported already");
        assertThat(exports.remove("fake/n1")).isTrue();
        assertThat(exports.remove("fake/n1")).isFalse();
        assertThat(add().connections()).isZero();
        exports.end();
    }

    @Test
    void aDeviceThatHasGoneMeanwhileIsNotExported() {
        assertThatThrownBy(this::add).hasMessage("fake/n1 has just gone");
        assertThat(exports.all()).isEmpty();
    }
}
