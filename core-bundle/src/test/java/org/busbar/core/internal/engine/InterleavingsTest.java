package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.busbar.core.internal.policy.Policy;
import org.busbar.device.RemovalReason;
import org.busbar.device.dto.DeviceDTO;

/** Random facts in random order, acted upon in random order, against the model. */
class InterleavingsTest {

    private static final List<Policy> POLICIES = List.of(
            Bus.policy(),
            Bus.policy("rebind:=always"),
            Bus.policy("deny:=1"),
            Bus.policy("allow:=0,1,b", "updateGrace:=0"),
            Bus.policy("driverOverride:=a=D1,3=D2"));

    @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
    void L4_finalBindingsDependOnWhatIsThereNotOnTheOrder(@ForAll long seed) {
        Random random = new Random(seed);
        Policy policy = POLICIES.getFirst();
        World world = new World(random, policy, false);
        for (int i = 0; i < 40; i++) {
            String address = World.ADDRESSES.get(random.nextInt(World.ADDRESSES.size()));
            String driver = World.DRIVERS.get(random.nextInt(World.DRIVERS.size()));
            switch (random.nextInt(9)) {
                case 0, 1 -> world.insert(address);
                case 2 -> world.pull(address);
                case 3, 4 -> world.arrive(driver);
                case 5 -> world.leave(driver);
                case 6 -> {
                    policy = POLICIES.get(random.nextInt(POLICIES.size()));
                    world.session.policy(policy);
                }
                case 7 -> world.simulation.advance(Duration.ofMillis(random.nextInt(900)));
                default -> {
                    for (int steps = random.nextInt(12); steps > 0; steps--) {
                        world.simulation.step();
                    }
                }
            }
        }
        world.settle();
        for (DeviceDTO device : world.session.snapshot().devices) {
            String actual = device.state.equals("BOUND") ? "BOUND " + device.driver : device.state;
            assertThat(actual)
                    .as(device.toString())
                    .isEqualTo(Model.expected(world, world.devices.get(device.address), policy));
        }
        close(world);
    }

    @Property(tries = 1000, shrinking = ShrinkingMode.OFF)
    void L5_L6_nothingIsLostWhenCallsHang(@ForAll long seed) {
        Random random = new Random(seed);
        World world = new World(random, POLICIES.getFirst(), true);
        for (int i = 0; i < 40; i++) {
            String address = World.ADDRESSES.get(random.nextInt(World.ADDRESSES.size()));
            String driver = World.DRIVERS.get(random.nextInt(World.DRIVERS.size()));
            FakeDevice device = world.devices.get(address);
            switch (random.nextInt(11)) {
                case 0, 1 -> world.insert(address);
                case 2 -> world.pull(address);
                case 3, 4 -> world.arrive(driver);
                case 5 -> world.leave(driver);
                case 6 -> world.simulation.advance(Duration.ofSeconds(random.nextInt(40)));
                case 7 -> {
                    if (device != null) {
                        world.simulation.drain();
                        world.futures.add(world.session.ejectRequested(device.id()));
                        world.session.reevaluate(List.of()); // a call from the worker is acted upon with the next message
                        world.session.ejectCancelled(device.id());
                    }
                }
                case 8 -> {
                    if (device != null) {
                        world.simulation.drain();
                        world.futures.add(world.session.detach(device.id(), RemovalReason.DETACH));
                        world.session.reevaluate(List.of());
                        world.session.attach(device.id());
                    }
                }
                default -> {
                    for (int steps = random.nextInt(12); steps > 0; steps--) {
                        world.simulation.step();
                    }
                }
            }
        }
        world.settle();
        close(world);
    }

    private static void close(World world) {
        world.devices.clear();
        world.session.close();
        world.settle();
        assertThat(world.bindings).allMatch(bound -> bound.closed && bound.released);
        assertThat(world.simulation.services.watches).as("watches for services").isEmpty();
    }
}
