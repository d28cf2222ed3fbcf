package org.busbar.pci.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.ProbeDeferredException;
import org.busbar.device.ProbeException;
import org.busbar.pci.Bar;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciDevice;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.testing.FakeContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PciGrantTest {

    private final FakeContext context = new FakeContext();
    private final FakeHandle handle = new FakeHandle();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    private PciGrant open() throws ProbeException {
        return PciGrant.open(device(), context, () -> handle, looks::incrementAndGet, ended::incrementAndGet);
    }

    private static PciDevice device() {
        return (PciDevice) java.lang.reflect.Proxy.newProxyInstance(PciDevice.class.getClassLoader(),
                new Class<?>[] {PciDevice.class}, (proxy, method, args) -> switch (method.getName()) {
                    case "address" -> PciAddress.parse("0000:02:00.0");
                    case "host" -> "fake";
                    default -> "fake device";
                });
    }

    @Test
    void L6_everythingIsReleasedInTheOrderThatTheHardwareNeeds() throws Exception {
        PciGrant grant = open();
        grant.interrupts().enable(2, vector -> {});
        grant.dma().allocate(1);
        grant.dma().allocate(1);
        grant.bar(0);

        context.end();

        assertThat(handle.calls).containsExactly("enable", "disable", "stopDma", "unmap", "unmap", "closeBars",
                "close");
        assertThat(context.leaks).isEmpty();
        assertThat(ended).hasValue(1);
        assertThat(handle.memory.sizes).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"disable", "stopDma", "unmap", "closeBars", "close"})
    void L6_aStepThatFailsIsReportedAndTheOthersAreStillTaken(String step) throws Exception {
        PciGrant grant = open();
        grant.interrupts().enable(1, vector -> {});
        grant.dma().allocate(1);
        handle.failing = step;

        context.end();

        assertThat(handle.calls).containsExactly("enable", "disable", "stopDma", "unmap", "closeBars", "close");
        assertThat(context.leaks).singleElement().satisfies(leak -> {
            assertThat(leak).hasMessageContaining("0000:02:00.0").hasMessageContaining(step + " breaks");
            assertThat(leak.getSuppressed()).hasSize(1);
        });
        assertThat(ended).hasValue(1);
    }

    @Test
    void L8_revocationReachesTheHandleAtOnceAndEveryCallThrows() throws Exception {
        PciGrant grant = open();

        context.revoke();

        assertThat(handle.calls).containsExactly("revoke");
        List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> uses = new ArrayList<>();
        uses.add(grant::device);
        uses.add(grant::config);
        uses.add(() -> grant.bar(0));
        uses.add(grant::dma);
        uses.add(grant::interrupts);
        uses.add(() -> grant.reset(Deadline.after(Duration.ofSeconds(1))));
        assertThat(uses).allSatisfy(use -> assertThatThrownBy(use).isInstanceOf(DeviceGoneException.class));
        assertThat(handle.barsOpened).isZero();
    }

    @Test
    void L8_aDeviceThatGoesWhileItIsBeingOpenedIsRevokedAndGivenUp() {
        context.revoke();

        assertThatThrownBy(this::open).isInstanceOf(ProbeException.class).hasMessageContaining("gone while");
        context.end();

        assertThat(handle.calls).containsExactly("revoke", "stopDma", "closeBars", "close");
    }

    @Test
    void usesAfterTheEndThrow() throws Exception {
        PciGrant grant = open();
        context.end();

        assertThatThrownBy(() -> grant.bar(0)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(grant::dma).isInstanceOf(DeviceGoneException.class);
    }

    @Test
    void theRegistersOfAnIndexAreOpenedOnce() throws Exception {
        PciGrant grant = open();

        Set<Bar> bars = Collections.newSetFromMap(new IdentityHashMap<>());
        bars.add(grant.bar(2));
        bars.add(grant.bar(3));
        bars.add(grant.bar(2));

        assertThat(bars).hasSize(2);

        assertThat(handle.barsOpened).isEqualTo(2);
        assertThatThrownBy(() -> grant.bar(5)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> grant.bar(6)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 to 5, not 6");
    }

    @ParameterizedTest
    @EnumSource(OpenException.Reason.class)
    void whatTheHostSaysReachesWhoeverAsksWhy(OpenException.Reason reason) {
        String words = "no permission on /dev/vfio/7: chown it";

        assertThatThrownBy(() -> PciGrant.open(device(), context, () -> {
            throw new OpenException(reason, words);
        }, () -> {}, () -> {}))
                .isInstanceOf(reason == OpenException.Reason.BUSY ? ProbeDeferredException.class : ProbeException.class)
                .hasMessage(words)
                .hasCauseInstanceOf(OpenException.class);
        assertThat(context.leaks).isEmpty();
    }

    @Test
    void L11_aDriversSuspicionHasTheHostLookedAt() throws Exception {
        open().suspectGone("CSTS reads as all ones");

        assertThat(looks).hasValue(1);
        assertThat(context.suspicions).containsExactly("CSTS reads as all ones");
    }
}
