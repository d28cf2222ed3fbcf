package org.busbar.pci.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DriverBinding;
import org.busbar.device.HandoverDeclinedException;
import org.busbar.device.HandoverState;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.Kept;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.Inheritance;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciDevice;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.internal.testing.FakeContext;
import org.junit.jupiter.api.Test;

/** A function that goes from one driver to the next, or to nobody. */
class SuccessionTest {

    private static final HandoverState STATE = new HandoverState("format", 3, new byte[] {7});

    private final FakeContext first = new FakeContext();
    private final FakeContext second = new FakeContext();
    private final FakeHandle handle = new FakeHandle();
    private final AtomicInteger ended = new AtomicInteger();

    private static PciDevice device() {
        return (PciDevice) java.lang.reflect.Proxy.newProxyInstance(PciDevice.class.getClassLoader(),
                new Class<?>[] {PciDevice.class}, (proxy, method, args) -> switch (method.getName()) {
                    case "address" -> PciAddress.parse("0000:02:00.0");
                    case "host" -> "fake";
                    default -> "fake device";
                });
    }

    private PciGrant open(FakeContext context) throws ProbeException {
        return PciGrant.open(device(), context, () -> handle, () -> {}, ended::incrementAndGet);
    }

    /** Does what the core does with a driver that leaves. */
    private KeptFunction handOver() throws Exception {
        Kept kept = first.keepable().keep(STATE);
        first.revoke();
        first.end();
        return (KeptFunction) kept;
    }

    private static final class Binding implements DriverBinding {
        @Override
        public void quiesce(Deadline deadline) {}

        @Override
        public void close(RemovalReason reason) {}
    }

    private interface Probe {
        DriverBinding probe(PciDeviceContext context) throws ProbeException;
    }

    private static PciDriver adopting(Probe probe) {
        return new PciDriver() {
            @Override
            public boolean adopts(String format, int version) {
                return format.equals("format") && version == 3;
            }

            @Override
            public DriverBinding probe(PciDeviceContext context) throws ProbeException {
                return probe.probe(context);
            }
        };
    }

    private DriverBinding probe(PciDriver driver, KeptFunction kept) throws Exception {
        return Succession.probe(driver, kept, second, () -> driver.probe(open(second)));
    }

    @Test
    void namedMemoryKeepsItsAddressAndContentsAndTheRestGoes() throws Exception {
        PciGrant grant = open(first);
        grant.interrupts().enable(1, vector -> {});
        DmaBuffer rings = grant.dma().allocate("rings", 8192);
        DmaBuffer spare = grant.dma().allocate("spare", 4096);
        DmaBuffer data = grant.dma().allocate(4096);
        rings.memory().set(ValueLayout.JAVA_INT, 8188, 4711);
        KeptFunction kept = handOver();
        assertThat(handle.calls).as("neither DMA nor the function is stopped")
                .containsExactly("enable", "disable", "renew", "unmap");
        assertThat(handle.memory.sizes).containsOnlyKeys(rings.address(), spare.address());
        assertThat(kept.text()).contains("2 pieces of DMA memory (12 KiB)").contains("format version 3, 1 bytes");
        assertThatThrownBy(() -> grant.bar(0)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> grant.dma()).isInstanceOf(DeviceGoneException.class);
        data.close(); // by somebody who has not heard yet
        rings.close();

        DriverBinding binding = probe(
                adopting(context -> {
                    Inheritance inheritance = context.inherited().orElseThrow();
                    assertThat(inheritance.state()).isEqualTo(STATE);
                    assertThat(inheritance.names()).containsExactlyInAnyOrder("rings", "spare");
                    DmaBuffer adopted = inheritance.memory("rings");
                    assertThat(adopted.address()).isEqualTo(rings.address());
                    assertThat(adopted.size()).isEqualTo(8192);
                    assertThat(adopted.memory().get(ValueLayout.JAVA_INT, 8188)).isEqualTo(4711);
                    assertThatThrownBy(() -> inheritance.memory("rings")).isInstanceOf(IllegalArgumentException.class);
                    assertThatThrownBy(() -> inheritance.memory("data")).isInstanceOf(IllegalArgumentException.class);
                    allocates(context.dma());
                    return new Binding();
                }),
                kept);

        assertThat(binding).isInstanceOf(Binding.class);
        assertThat(kept.isAdopted()).isTrue();
        assertThat(handle.memory.sizes).doesNotContainKey(spare.address()).containsKey(rings.address());
        assertThat(handle.calls).doesNotContain("reset", "stopDma", "close");
        second.revoke();
        second.end();
        assertThat(handle.calls).endsWith("revoke", "stopDma", "unmap", "unmap", "closeBars", "close");
        assertThat(handle.memory.sizes).isEmpty();
        assertThat(second.leaks).isEmpty();
        assertThat(first.leaks).isEmpty();
        assertThat(ended).hasValue(1);
    }

    private static void allocates(Dma dma) {
        try {
            assertThat(dma.allocate(1).size()).isEqualTo(4096);
        } catch (org.busbar.pci.DmaException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void L6_whatNobodyAdoptsIsResetAndStoppedBeforeItsMemoryGoes() throws Exception {
        PciGrant grant = open(first);
        grant.dma().allocate("rings", 4096);
        KeptFunction kept = handOver();
        handle.calls.clear();
        kept.release(true);
        kept.release(true);
        assertThat(handle.calls).containsExactly("reset", "stopDma", "unmap", "closeBars", "close");
        assertThat(handle.memory.sizes).isEmpty();
        assertThat(ended).hasValue(1);
        assertThatThrownBy(() -> PciGrant.adopt(kept, second)).isInstanceOf(ProbeException.class);
    }

    @Test
    void L8_whatIsKeptOfACardThatIsGoneIsReleasedWithoutAReset() throws Exception {
        open(first).dma().allocate("rings", 4096);
        KeptFunction kept = handOver();
        handle.calls.clear();
        kept.release(false);
        assertThat(handle.calls).containsExactly("stopDma", "unmap", "closeBars", "close");
    }

    @Test
    void versionThatIsNotKnownMeansAFreshStart() throws Exception {
        open(first).dma().allocate("rings", 4096);
        KeptFunction kept = handOver();
        handle.calls.clear();
        PciDriver plain = context -> {
            assertThat(context.inherited()).isEmpty();
            handle.calls.add("probe");
            return new Binding();
        };
        assertThat(probe(plain, kept)).isNotNull();
        assertThat(handle.calls).containsExactly("reset", "stopDma", "unmap", "closeBars", "close", "probe");
        assertThat(kept.isAdopted()).isFalse();
    }

    @Test
    void declinedInheritanceMeansAFreshStartInTheSameProbe() throws Exception {
        open(first).dma().allocate("rings", 4096);
        KeptFunction kept = handOver();
        handle.calls.clear();
        DriverBinding binding = probe(
                adopting(context -> {
                    if (context.inherited().isPresent()) {
                        handle.calls.add("decline");
                        throw new HandoverDeclinedException("damaged");
                    }
                    handle.calls.add("probe");
                    return new Binding();
                }),
                kept);
        assertThat(binding).isNotNull();
        assertThat(handle.calls)
                .containsExactly("decline", "reset", "stopDma", "unmap", "closeBars", "close", "probe");
        second.revoke();
        second.end();
        assertThat(second.leaks).isEmpty();
        assertThat(ended).hasValue(2);
        assertThat(kept.isAdopted()).isFalse();
    }

    @Test
    void L5_adoptionThatFailsIsReleasedWithItsContext() throws Exception {
        open(first).dma().allocate("rings", 4096);
        KeptFunction kept = handOver();
        assertThatThrownBy(() -> probe(
                adopting(context -> {
                    throw new ProbeException("no");
                }),
                kept)).isInstanceOf(ProbeException.class).hasMessage("no");
        second.revoke();
        second.end();
        kept.release(true);
        assertThat(handle.memory.sizes).isEmpty();
        assertThat(ended).hasValue(1);
        assertThat(kept.isAdopted()).isFalse();
    }

    @Test
    void L6_hostThatCannotKeepAFunctionHasItClosedAsAlways() throws Exception {
        handle.renewable = false;
        open(first).dma().allocate("rings", 4096);
        assertThatThrownBy(() -> first.keepable().keep(STATE)).hasMessageContaining("cannot keep it running");
        first.revoke();
        first.end();
        assertThat(handle.calls).endsWith("revoke", "disable", "stopDma", "unmap", "closeBars", "close");
        assertThat(ended).hasValue(1);
    }

    @Test
    void L8_grantThatIsRevokedHasNothingToKeep() throws Exception {
        open(first);
        first.revoke();
        assertThatThrownBy(() -> first.keepable().keep(STATE)).isInstanceOf(DeviceGoneException.class);
        first.end();
        assertThat(handle.calls).endsWith("close");
    }

    @Test
    void L6_memoryOfOthersIsOutOfReachOnceTheFunctionIsHandedOver() throws Exception {
        AtomicInteger unreachable = new AtomicInteger();
        DmaPool pool = new DmaPool(first, handle.memory);
        try (var arena = java.lang.foreign.Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4096, 4096);
            pool.map(memory, unreachable::incrementAndGet);
            DmaEstate estate = pool.handOver();
            assertThat(unreachable).hasValue(1);
            assertThat(estate.memory()).isEmpty();
            assertThat(handle.memory.sizes).isEmpty();
        }
    }

    @Test
    void namesAreUniqueAndFreeAgainOnceClosed() throws Exception {
        Dma dma = open(first).dma();
        DmaBuffer one = dma.allocate("one", 1);
        assertThatThrownBy(() -> dma.allocate("one", 1)).isInstanceOf(IllegalArgumentException.class);
        one.close();
        dma.allocate("one", 1);
        assertThat(handOver().text()).contains("1 piece of DMA memory");
    }
}
