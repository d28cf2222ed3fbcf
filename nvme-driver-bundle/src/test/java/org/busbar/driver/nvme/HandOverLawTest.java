package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.HandoverState;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A controller goes from one driver to the next without a reset. */
@Timeout(120)
class HandOverLawTest {

    private final NvmeModel model = Ssd.model(512);
    private final TestSlot slot = new TestSlot(1, model);

    private static Deadline soon() {
        return Deadline.afterMillis(30_000);
    }

    private static byte[] content(long seed) {
        byte[] bytes = new byte[4096];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private void write(long seed) throws Exception {
        Ssd.device(slot).write(8 * seed, ByteBuffer.wrap(content(seed)), soon());
    }

    private void check(long seed) throws Exception {
        ByteBuffer read = ByteBuffer.allocate(4096);
        Ssd.device(slot).read(8 * seed, read, soon());
        assertThat(read.array()).isEqualTo(content(seed));
    }

    @Test
    void controllerIsNotResetAndTheDataIsThere() throws Exception {
        try (slot) {
            slot.probe(Ssd.driver(30_000));
            long resets = model.ssd().resets();
            for (int change = 1; change <= 100; change++) {
                BlockDevice old = Ssd.device(slot);
                BlockQueue queue = old.openQueue(16);
                MemorySegment buffer = queue.allocate(16 * 4096);
                write(change);
                Tally tally = new Tally();
                for (int tag = 0; tag < 16; tag++) {
                    assertThat(queue.read(8L * change, 8, buffer, tag * 4096L, tag)).isTrue();
                }
                queue.submit();
                tally.drain(queue).eachExactlyOnce(16);
                slot.handOver(UnaryOperator.identity());
                assertThat(slot.inUse()).as("kept open").isTrue();
                assertThatExceptionOfType(DeviceGoneException.class)
                        .isThrownBy(() -> old.read(0, ByteBuffer.allocate(512), soon()));
                assertThatExceptionOfType(DeviceGoneException.class)
                        .isThrownBy(() -> queue.read(0, 1, buffer, 0, 1));
                queue.close();
                slot.adopt(Ssd.driver(30_000));
                check(change);
                check(1);
            }
            assertThat(model.ssd().resets()).as("resets").isEqualTo(resets);
            assertThat(slot.iommuFaults()).isEmpty();
            assertThat(slot.context().failures()).isEmpty();
            slot.remove(RemovalReason.UNBIND);
            assertThat(slot.inUse()).isFalse();
        }
    }

    /** An event that comes while nobody drives the controller is not lost, nor are those that come after. */
    @Test
    void namespacesThatChangeMeanwhileAreSeen() throws Exception {
        try (slot) {
            slot.probe(Ssd.driver(30_000));
            for (int round = 0; round < 8; round++) {
                slot.handOver(UnaryOperator.identity());
                int added = model.ssd().add(NvmeNamespace.of(4096, 512));
                slot.adopt(Ssd.driver(30_000));
                awaitDevices(2);
                model.ssd().delete(added);
                awaitDevices(1);
            }
            assertThat(slot.iommuFaults()).isEmpty();
            slot.remove(RemovalReason.UNBIND);
        }
    }

    private void awaitDevices(int count) throws Exception {
        slot.context()
                .await(
                        count + " block devices",
                        () -> slot.context()
                                .published()
                                .stream()
                                .filter(BlockDevice.class::isInstance)
                                .count() == count,
                        soon());
    }

    @Test
    void aResetAfterTheHandoverWorksAsAlways() throws Exception {
        try (slot) {
            slot.probe(Ssd.driver(30_000));
            write(1);
            slot.handOver(UnaryOperator.identity());
            slot.adopt(Ssd.driver(30_000));
            long resets = model.ssd().resets();
            Ssd.controller(slot).reset(soon());
            assertThat(model.ssd().resets()).isEqualTo(resets + 1);
            check(1);
            slot.handOver(UnaryOperator.identity());
            slot.adopt(Ssd.driver(30_000));
            check(1);
            assertThat(model.ssd().resets()).isEqualTo(resets + 1);
            slot.remove(RemovalReason.UNBIND);
            assertThat(slot.iommuFaults()).isEmpty();
        }
    }

    @Test
    void stateThatIsDamagedMeansAFreshStart() throws Exception {
        expectFreshStart(state -> {
            byte[] bytes = state.bytes();
            bytes[17] ^= 1;
            return new HandoverState(state.format(), state.version(), bytes);
        });
    }

    @Test
    void versionThatIsNotKnownMeansAFreshStart() throws Exception {
        expectFreshStart(state -> new HandoverState(state.format(), state.version() + 1, state.bytes()));
    }

    @Test
    void stateOfAnotherControllerMeansAFreshStart() throws Exception {
        expectFreshStart(state -> {
            try {
                Legacy legacy = Legacy.parse(state);
                return new Legacy(legacy.admin(), legacy.granted(), legacy.doorbells(), "OTHER", legacy.model())
                        .state();
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void expectFreshStart(UnaryOperator<HandoverState> change) throws Exception {
        try (slot) {
            slot.probe(Ssd.driver(30_000));
            write(1);
            long resets = model.ssd().resets();
            slot.handOver(change);
            slot.adopt(Ssd.driver(30_000));
            check(1);
            assertThat(model.ssd().resets()).isGreaterThan(resets);
            slot.remove(RemovalReason.UNBIND);
            assertThat(slot.inUse()).isFalse();
            assertThat(slot.iommuFaults()).isEmpty();
        }
    }

    /** The controller was reset behind the bus's back while nobody drove it. */
    @Test
    void controllerThatDoesNotRunAnyMoreMeansAFreshStart() throws Exception {
        try (slot) {
            slot.probe(Ssd.driver(30_000));
            write(1);
            slot.handOver(UnaryOperator.identity());
            model.ssd().fatal();
            slot.adopt(Ssd.driver(30_000));
            check(1);
            slot.remove(RemovalReason.UNBIND);
        }
    }

    @Test
    void L6_nobodyComesAndTheControllerIsReset() throws Exception {
        try (slot) {
            slot.probe(Ssd.driver(30_000));
            write(1);
            long resets = model.ssd().resets();
            slot.handOver(UnaryOperator.identity());
            slot.releaseKept();
            assertThat(slot.inUse()).isFalse();
            assertThat(model.ssd().resets()).isGreaterThan(resets);
            slot.probe(Ssd.driver(30_000));
            check(1);
            slot.remove(RemovalReason.UNBIND);
            assertThat(slot.iommuFaults()).isEmpty();
        }
    }

    @Test
    void L8_cardThatIsPulledWhileNobodyDrivesItIsReleased() throws Exception {
        try (slot) {
            slot.probe(Ssd.driver(30_000));
            slot.handOver(UnaryOperator.identity());
            slot.pull();
            slot.releaseKept();
            assertThat(slot.inUse()).isFalse();
        }
    }

    /** The others have shadow doorbells. */
    @Test
    void controllerWithoutShadowDoorbellsIsHandedOverAsWell() throws Exception {
        NvmeModel plain = new NvmeModel(new Card.Nvme(
                "TEST2",
                List.of(NvmeNamespace.of(Ssd.BLOCKS, 512)),
                NvmeOptions.DEFAULT.lacking(NvmeOptions.Feature.SHADOW, NvmeOptions.Feature.NOTICES)));
        try (TestSlot other = new TestSlot(2, plain)) {
            other.probe(Ssd.driver(30_000));
            long resets = plain.ssd().resets();
            other.handOver(UnaryOperator.identity());
            other.adopt(Ssd.driver(30_000));
            Ssd.device(other).read(0, ByteBuffer.allocate(512), soon());
            assertThat(plain.ssd().resets()).isEqualTo(resets);
            other.remove(RemovalReason.UNBIND);
            assertThat(other.iommuFaults()).isEmpty();
        }
    }
}
