package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.internal.vfiouser.VfioUserHostComponent;
import org.busbar.pci.internal.vfiouser.server.FunctionServerService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Cards of the rack that are driven through sockets, with the vfio-user host at the other end. */
@Timeout(300)
class RackServeTest {

    private static final long PATIENCE_SECONDS = 60;
    private static final int PAGE = 4_096;

    @TempDir
    Path directory;

    private final Semaphore news = new Semaphore(0);
    private EmulatedRack rack;
    private VfioUserHostComponent client;
    private HostWatch watch;

    @BeforeEach
    void start() throws IOException {
        FunctionServerService server = new FunctionServerService();
        rack = new EmulatedRack(3, () -> server);
        rack.insert(1, Card.parse("nvme:size=16M,serial=TEST1"));
        rack.insert(2, Card.parse("nic"));
        client = new VfioUserHostComponent(Map.of("directories", directory.toString(), "patienceMillis", "60000"));
        watch = client.watch(new HostListener() {
            @Override
            public void changed() {
                news.release();
            }

            @Override
            public void availabilityChanged(PciAddress address) {
                news.release();
            }
        });
    }

    @AfterEach
    void stop() {
        watch.close();
        client.deactivate();
        rack.close();
    }

    private void serve(int slot) throws Exception {
        rack.serve(slot, directory.resolve("card" + slot), Deadline.afterMillis(10_000));
    }

    private HostSnapshot await(int functions) throws InterruptedException {
        HostSnapshot snapshot = client.scan(null);
        while (snapshot.functions().size() != functions) {
            assertThat(news.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(snapshot.problems().toString()).isTrue();
            snapshot = client.scan(null);
        }
        return snapshot;
    }

    @Test
    void aServedCardIsNotOnTheBusOfItsRack() throws Exception {
        serve(1);

        assertThat(rack.host().scan(null).functions()).extracting(HostFunction::slot)
                .extracting(slot -> slot.orElse(""))
                .containsExactly("2");
        assertThat(rack.served(1)).contains(directory.resolve("card1/cntrl"));
        assertThat(rack.served(2)).isEmpty();
        assertThat(rack.served(3)).isEmpty();
        assertThatThrownBy(() -> serve(1)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is served at");
        assertThatThrownBy(() -> rack.eject(1, Deadline.afterMillis(10)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("unserve it first");

        rack.unserve(1);

        assertThat(rack.host().scan(null).functions()).hasSize(2);
        assertThatThrownBy(() -> rack.unserve(1)).isInstanceOf(IllegalStateException.class);
        MiniNvme.start(rack).close();
    }

    @Test
    void anSsdIsDrivenThroughMappedDoorbells() throws Exception {
        serve(1);
        HostFunction function = await(1).functions().getFirst();
        try (MiniNvme nvme = new MiniNvme(client, function)) {
            nvme.enable();
            MiniNvme.Queue queue = nvme.createQueue(1, 64);
            MemorySegment data = nvme.data(2 * PAGE);
            for (int round = 0; round < 500; round++) {
                data.set(ValueLayout.JAVA_LONG, 0, round);
                assertThat(queue.write(round, 8, MiniNvme.DATA, 0)).isZero();
                assertThat(queue.read(round, 8, MiniNvme.DATA + PAGE, 0)).isZero();
                assertThat(data.get(ValueLayout.JAVA_LONG, PAGE)).isEqualTo(round);
            }
        }
        assertThat(rack.iommuFaults()).isEmpty();
        assertThat(rack.crash(1)).isNull();
    }

    /** Queues begin anew with doorbells that were rung before: the same value again is a ring again. */
    @Test
    void aSecondClientFindsTheCardAsNew() throws Exception {
        serve(1);
        for (int round = 0; round < 3; round++) {
            HostFunction function = await(1).functions().getFirst();
            try (MiniNvme nvme = new MiniNvme(client, function)) {
                nvme.enable();
                nvme.data(PAGE);
                assertThat(nvme.admin.run(0x06, 0, MiniNvme.DATA, 0, 1)).isZero();
            }
        }
    }

    @Test
    void L8_aServedCardThatIsPulledIsGoneForItsClient() throws Exception {
        serve(1);
        serve(2);
        HostSnapshot both = await(2);
        FunctionHandle handle = client.open(both.functions().getFirst(), new MiniNvme.Notices());
        rack.pull(1);

        HostSnapshot left = await(1);
        assertThat(left.functions()).containsExactly(both.functions().getLast());
        handle.close();
        rack.insert(1, Card.parse("nvme:size=16M"));
        assertThat(rack.host().scan(null).functions()).hasSize(1);
    }

    @Test
    void aCardInUseIsGivenUpFirstOrNotServed() throws Exception {
        MiniNvme driver = MiniNvme.start(rack);

        assertThatThrownBy(() -> rack.serve(1, directory.resolve("card1"), Deadline.afterMillis(50)))
                .hasMessageContaining("has not given it up in time");
        assertThat(rack.served(1)).isEmpty();
        assertThat(directory.resolve("card1/cntrl")).doesNotExist();
        driver.close();
        serve(1);
        await(1);
    }

    @Test
    void withoutAServerThereIsAMessage() {
        try (EmulatedRack alone = new EmulatedRack(1)) {
            alone.insert(1, Card.parse("nvme:size=16M"));

            assertThatThrownBy(() -> alone.serve(1, directory, Deadline.afterMillis(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("org.busbar.pci");
        }
    }
}
