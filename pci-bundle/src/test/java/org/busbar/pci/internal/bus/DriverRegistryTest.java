package org.busbar.pci.internal.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Hashtable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.pci.PciDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

class DriverRegistryTest {

    private final FakeSession session = new FakeSession();
    private final AtomicInteger instances = new AtomicInteger();
    private TestFramework framework;
    private PciBusComponent bus;

    @BeforeEach
    void start(@TempDir Path storage) throws Exception {
        framework = new TestFramework(storage);
    }

    @AfterEach
    void stop() throws Exception {
        bus.close();
        framework.close();
        assertThat(session.defects).isEmpty();
        assertThat(instances).as("no driver was instantiated").hasValue(0);
    }

    private void open() {
        bus = new PciBusComponent(name -> session, framework.context());
    }

    private ServiceRegistration<?> register(String name, Object ids) {
        return framework.context().registerService(PciDriver.class.getName(), new ServiceFactory<PciDriver>() {
            @Override
            public PciDriver getService(Bundle bundle, ServiceRegistration<PciDriver> registration) {
                instances.incrementAndGet();
                return context -> null;
            }

            @Override
            public void ungetService(Bundle bundle, ServiceRegistration<PciDriver> registration, PciDriver service) {
                instances.incrementAndGet();
            }
        }, properties(name, ids));
    }

    @SuppressWarnings("JdkObsolete") // what the registry takes
    private static Hashtable<String, Object> properties(String name, Object ids) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("pci.match.ids", ids);
        if (!name.isEmpty()) {
            properties.put("pci.driver", name);
        }
        return properties;
    }

    @Test
    void L4_driversAreFoundWhetherTheyCameBeforeTheBusOrAfter() {
        register("early", "8086:10d3");
        open();
        register("late", new String[] {"8086:10d4"});

        assertThat(session.calls).containsExactly("arrived early", "arrived late");
        assertThat(session.drivers).extracting(driver -> driver.keys().getFirst())
                .containsExactly("8086:10d3", "8086:10d4");
    }

    @Test
    void aDriverWithoutANameHasItsBundles() {
        open();
        register("", "8086:10d3");

        assertThat(session.drivers.getFirst().name()).isEqualTo(framework.context().getBundle().getSymbolicName());
    }

    @Test
    void aDriverWithAMalformedEntryArrivesWithItsProblem() {
        open();
        register("typo", new String[] {"8086:10d"});

        assertThat(session.drivers.getFirst().problem()).get().asString().contains("'8086:10d'");
    }

    @Test
    void onlyAChangeOfWhatItMatchesMakesADriverLeaveAndArrive() {
        open();
        ServiceRegistration<?> driver = register("nic", "8086:10d3");

        Hashtable<String, Object> unrelated = properties("nic", "8086:10d3");
        unrelated.put("colour", "blue");
        driver.setProperties(unrelated);
        assertThat(session.calls).containsExactly("arrived nic");

        driver.setProperties(properties("nic", "8086:10d4"));
        assertThat(session.calls).containsExactly("arrived nic", "left nic", "arrived nic");
        assertThat(session.drivers.getFirst().keys()).containsExactly("8086:10d4");
    }

    @Test
    void L4_aChangedRankingCounts() {
        open();
        ServiceRegistration<?> driver = register("nic", "8086:10d3");
        Hashtable<String, Object> ranked = properties("nic", "8086:10d3");
        ranked.put("service.ranking", 7);

        driver.setProperties(ranked);

        assertThat(session.calls).containsExactly("arrived nic", "left nic", "arrived nic");
    }

    @Test
    void L7_aDriverThatWasUnregisteredWhileItsArrivalWasSlowNeverArrives() {
        open();
        AtomicInteger looks = new AtomicInteger();
        ServiceReference<?> unregistered = (ServiceReference<?>) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {ServiceReference.class}, (proxy, method, args) -> switch (method.getName()) {
                    case "getBundle" -> looks.getAndIncrement() == 0 ? framework.context().getBundle() : null;
                    case "getProperty" -> properties("late", "8086:10d3").get(args[0]);
                    case "isAssignableTo" -> true;
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == args[0];
                    default -> null;
                });

        new DriverRegistry(framework.context(), new Bus(session, framework.context()), session)
                .serviceChanged(new ServiceEvent(ServiceEvent.REGISTERED, unregistered));

        assertThat(looks).hasValueGreaterThan(1);
        assertThat(session.calls).isEmpty();
    }

    @Test
    void L7_unregistrationReturnsOnlyWhenTheCoreHasLetGo() throws Exception {
        open();
        ServiceRegistration<?> driver = register("nic", "8086:10d3");
        CountDownLatch leaving = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        session.whileLeaving = () -> {
            leaving.countDown();
            await(letGo);
        };

        Thread unregisters = Thread.ofPlatform().start(driver::unregister);
        await(leaving);
        assertThat(unregisters.join(Duration.ofMillis(100))).as("returned while the driver was still in use").isFalse();
        letGo.countDown();

        assertThat(unregisters.join(Duration.ofSeconds(10))).isTrue();
        assertThat(session.calls).containsExactly("arrived nic", "left nic");
    }

    @Test
    void L7_unregistrationWaitsForADepartureThatAChangeOfPropertiesHasBegun() throws Exception {
        open();
        ServiceRegistration<?> driver = register("nic", "8086:10d3");
        CountDownLatch leaving = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        session.whileLeaving = () -> {
            leaving.countDown();
            await(letGo);
        };
        Thread modifies = Thread.ofPlatform().start(() -> driver.setProperties(properties("nic", "8086:10d4")));
        await(leaving);

        Thread unregisters = Thread.ofPlatform().start(driver::unregister);
        assertThat(unregisters.join(Duration.ofMillis(100))).as("returned while the driver was still in use").isFalse();
        letGo.countDown();

        assertThat(unregisters.join(Duration.ofSeconds(10))).isTrue();
        assertThat(modifies.join(Duration.ofSeconds(10))).isTrue();
        assertThat(session.calls).containsExactly("arrived nic", "left nic");
        assertThat(session.drivers).isEmpty();
    }

    @Test
    void L7_aDriverThatComesAndGoesOnManyThreadsIsNeverLeftBehind() throws Exception {
        open();
        int threads = 8;
        CountDownLatch done = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 200; i++) {
                    register("flicker", "8086:10d3").unregister();
                }
                done.countDown();
            });
        }
        await(done);

        assertThat(session.drivers).isEmpty();
        assertThat(session.calls).filteredOn(call -> call.startsWith("arrived")).hasSize(threads * 200);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
