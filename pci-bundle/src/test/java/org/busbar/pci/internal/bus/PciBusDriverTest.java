package org.busbar.pci.internal.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.busbar.device.Deadline;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.BusDevice;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.testing.FakeContext;
import org.busbar.pci.internal.testing.FakeDmaSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.PrototypeServiceFactory;
import org.osgi.framework.ServiceRegistration;

class PciBusDriverTest {

    private final FakeSession session = new FakeSession();
    private final FakeHost rack = new FakeHost("rack", "0000:01:00.0", "0000:02:00.0");
    private final List<String> lives = new CopyOnWriteArrayList<>();
    private final FakeContext grant = new FakeContext();
    private TestFramework framework;
    private PciBusComponent bus;
    private PciDriver driver = context -> new QuietBinding();

    private static final class QuietBinding implements DriverBinding {
        @Override
        public void quiesce(Deadline deadline) {
            // nothing is in flight
        }

        @Override
        public void close(RemovalReason reason) {
            // nothing is held
        }
    }

    @BeforeEach
    void start(@TempDir Path storage) throws Exception {
        framework = new TestFramework(storage);
        bus = new PciBusComponent(name -> session, framework.context());
        bus.addHost(rack);
        bus.settle(Deadline.after(Duration.ofSeconds(20)));
        rack.handle = (FunctionHandle) Proxy.newProxyInstance(FunctionHandle.class.getClassLoader(),
                new Class<?>[] {FunctionHandle.class}, (proxy, method, args) -> switch (method.getName()) {
                    case "dma" -> new FakeDmaSpace(4096, 0x1000, 0xffff);
                    case "interrupts", "config", "bar" -> null;
                    default -> {
                        lives.add(method.getName());
                        yield null;
                    }
                });
        framework.context().registerService(PciDriver.class, new PrototypeServiceFactory<PciDriver>() {
            @Override
            public PciDriver getService(Bundle bundle, ServiceRegistration<PciDriver> registration) {
                lives.add("get");
                return driver;
            }

            @Override
            public void ungetService(Bundle bundle, ServiceRegistration<PciDriver> registration, PciDriver service) {
                lives.add("unget");
            }
        }, FrameworkUtil.asDictionary(Map.of("pci.match.classes", "010802", "pci.driver", "nvme")));
    }

    @AfterEach
    void stop() throws Exception {
        bus.close();
        framework.close();
        assertThat(session.defects).isEmpty();
    }

    private BusDevice device() {
        return session.present().get("0000:02:00.0");
    }

    private DriverBinding probe() throws Exception {
        return session.drivers.getFirst().probe(device(), grant);
    }

    @Test
    void L6_theServiceIsHeldUntilEverythingElseIsReleased() throws Exception {
        assertThat(lives).as("matching gets no service").isEmpty();

        assertThat(probe()).isInstanceOf(QuietBinding.class);
        assertThat(lives).containsExactly("get");
        grant.end();

        assertThat(lives).containsExactly("get", "stopDma", "closeBars", "close", "unget");
        assertThat(grant.leaks).isEmpty();
    }

    @Test
    void theDriverSeesItsDevice() throws Exception {
        List<PciDeviceContext> seen = new CopyOnWriteArrayList<>();
        driver = context -> {
            seen.add(context);
            return new QuietBinding();
        };
        probe();

        assertThat(seen).singleElement().satisfies(context -> {
            assertThat(context.device().address()).hasToString("0000:02:00.0");
            assertThat(context.device()).isSameAs(bus.device(context.device().address()).orElseThrow());
        });
    }

    @Test
    void aDriverThatCannotBeActivatedIsToldAndTakesNoDevice() {
        driver = null;

        assertThatThrownBy(this::probe).isInstanceOf(ProbeException.class)
                .hasMessageContaining("driver nvme could not be activated");
        assertThat(rack.notices).as("not even opened").isEmpty();
    }

    @Test
    void aDriverThatReturnsNullIsTold() {
        driver = context -> null;

        assertThatThrownBy(this::probe).isInstanceOf(ProbeException.class)
                .hasMessage("driver nvme returned null from probe; it has to return a binding");
        grant.end();
        assertThat(lives).endsWith("closeBars", "close", "unget");
    }

    @Test
    void L6_aProbeThatTheHostRefusesLeavesNothingBehind() throws Exception {
        rack.openFailure = new OpenException(OpenException.Reason.PERMISSION, "no permission on /dev/vfio/7: chown it");

        assertThatThrownBy(this::probe).isInstanceOf(ProbeException.class)
                .hasMessage("no permission on /dev/vfio/7: chown it");
        grant.end();

        assertThat(lives).containsExactly("get", "unget");
        bus.removeHost(rack);
        assertThat(session.calls).noneMatch(call -> call.startsWith("eject"));
    }

    @Test
    void L11_noticesOfAnOpenFunctionAreActedUponAndNotBelieved() throws Exception {
        probe();
        FunctionNotices notices = rack.notices.getFirst();
        session.calls.clear();
        int scans = rack.scans.get();

        notices.ejectRequested();
        notices.ejectCancelled();
        notices.error("uncorrectable error");
        notices.maybeGone();
        bus.settle(Deadline.after(Duration.ofSeconds(20)));

        assertThat(session.calls).containsExactly("eject 0000:02:00.0#2", "eject cancelled 0000:02:00.0#2",
                "failed 0000:02:00.0#2 uncorrectable error", "settle");
        assertThat(rack.looks).as("only the function itself is looked at").containsExactly("0000:02:00.0");
        assertThat(rack.scans).hasValue(scans);
    }

    @Test
    void aHostThatLeavesHasWhatIsInUseGivenUpInOrderFirst() throws Exception {
        probe();
        session.calls.clear();

        bus.removeHost(rack);

        assertThat(session.calls).containsExactly("eject 0000:02:00.0#2",
                "changed -[0000:01:00.0#1, 0000:02:00.0#2] +[]");
        assertThat(device()).isNull();
    }

    @Test
    void L6_aDeviceThatGoesWhileItIsBeingOpenedIsGivenUpOnce() throws Exception {
        grant.revoke();
        assertThatThrownBy(this::probe).isInstanceOf(ProbeException.class).hasMessageContaining("gone while");
        grant.end();
        FakeContext next = new FakeContext();
        session.drivers.getFirst().probe(device(), next);
        session.calls.clear();

        bus.removeHost(rack);

        assertThat(session.calls).as("in use, so it is given up in order").contains("eject 0000:02:00.0#2");
        next.end();
    }

    @Test
    void nothingIsOpenedOnAHostThatLeaves() {
        BusDevice known = device();
        bus.removeHost(rack);

        assertThatThrownBy(() -> session.drivers.getFirst().probe(known, grant)).isInstanceOf(ProbeException.class)
                .hasMessageContaining("host rack is leaving");
        assertThat(rack.notices).isEmpty();
    }
}
