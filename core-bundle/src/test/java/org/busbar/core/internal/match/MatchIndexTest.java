package org.busbar.core.internal.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.busbar.core.internal.engine.FakeBundle;
import org.busbar.core.internal.engine.FakeDevice;
import org.busbar.core.internal.engine.FakeDriver;
import org.busbar.device.bus.MatchKey;
import org.junit.jupiter.api.Test;

class MatchIndexTest {

    private final MatchIndex<FakeDevice> index = new MatchIndex<>();

    private static DriverEntry driver(String name, int ranking, String... keys) {
        return DriverEntry.of(new FakeDriver(new FakeBundle(name), name, ranking, keys));
    }

    @Test
    void betterScoreThenHigherRankingThenOlderServiceComesFirst() {
        DriverEntry old = driver("old", 0, "class");
        DriverEntry young = driver("young", 0, "class");
        DriverEntry ranked = driver("ranked", 5, "class");
        DriverEntry exact = driver("exact", -5, "class", "id");
        List.of(young, ranked, old, exact).forEach(index::addDriver);
        FakeDevice device = new FakeDevice("0", 1, "id", "class");
        assertThat(index.addDevice(device, device.keys()))
                .extracting(candidate -> candidate.driver().name())
                .containsExactly("exact", "ranked", "old", "young");
        assertThat(index.candidates(device.keys()).getFirst().key().text()).isEqualTo("id");
    }

    @Test
    void driverThatListsAKeyTwiceMatchesOnce() {
        FakeDevice device = new FakeDevice("0", 1, "id");
        index.addDevice(device, device.keys());
        DriverEntry twice = driver("twice", 0, "id", "id");
        assertThat(index.addDriver(twice)).containsOnlyKeys(device);
        assertThat(index.removeDriver(twice)).containsExactly(device);
        assertThat(index.candidates(device.keys())).isEmpty();
    }

    /** However devices and drivers come and go, the index answers as a comparison of all with all does. */
    @Property(tries = 300)
    void L3_sameAnswersAsComparingAllWithAll(@ForAll long seed) {
        MatchIndex<FakeDevice> tested = new MatchIndex<>();
        Random random = new Random(seed);
        List<FakeDevice> devices = new ArrayList<>();
        List<DriverEntry> drivers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String[] keys = random.ints(random.nextInt(5), 0, 8)
                    .distinct()
                    .mapToObj(Integer::toString)
                    .toArray(String[]::new);
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    FakeDevice device = new FakeDevice("d" + i, 1, keys);
                    devices.add(device);
                    assertThat(tested.addDevice(device, device.keys())).isEqualTo(plainly(device, drivers));
                }
                case 2, 3 -> {
                    DriverEntry driver = driver("r" + i, random.nextInt(3), keys);
                    Map<FakeDevice, Candidate> expected = new HashMap<>();
                    for (FakeDevice device : devices) {
                        plainly(device, List.of(driver)).forEach(c -> expected.put(device, c));
                    }
                    drivers.add(driver);
                    assertThat(tested.addDriver(driver)).isEqualTo(expected);
                }
                default -> {
                    if (!devices.isEmpty() && random.nextBoolean()) {
                        FakeDevice gone = devices.remove(random.nextInt(devices.size()));
                        tested.removeDevice(gone, gone.keys());
                    } else if (!drivers.isEmpty()) {
                        DriverEntry left = drivers.remove(random.nextInt(drivers.size()));
                        assertThat(tested.removeDriver(left))
                                .containsExactlyInAnyOrderElementsOf(devices.stream()
                                        .filter(d -> !plainly(d, List.of(left)).isEmpty())
                                        .toList());
                    }
                }
            }
            for (FakeDevice device : devices) {
                assertThat(tested.candidates(device.keys())).isEqualTo(plainly(device, drivers));
            }
        }
    }

    private static List<Candidate> plainly(FakeDevice device, List<DriverEntry> drivers) {
        List<Candidate> found = new ArrayList<>();
        for (DriverEntry driver : drivers) {
            Candidate best = null;
            for (MatchKey key : device.keys()) {
                Candidate candidate = new Candidate(driver, key);
                if (driver.keys().contains(key.text()) && (best == null || candidate.compareTo(best) < 0)) {
                    best = candidate;
                }
            }
            if (best != null) {
                found.add(best);
            }
        }
        found.sort(null);
        return found;
    }
}
