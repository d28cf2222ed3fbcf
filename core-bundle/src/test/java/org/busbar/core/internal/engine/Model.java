package org.busbar.core.internal.engine;

import java.util.Comparator;
import java.util.List;
import org.busbar.core.internal.policy.Policy;
import org.busbar.device.bus.MatchKey;

/** How it has to end: computed from what is there and from policy alone, in the plainest way. */
final class Model {

    private Model() {}

    /** Returns state and driver of a device that is free to be bound. */
    static String expected(World world, FakeDevice device, Policy policy) {
        String address = device.id().address();
        if (policy.denial(address, device.keys()).isPresent()) {
            return "DENIED";
        }
        List<FakeDriver> fitting = world.drivers.values()
                .stream()
                .filter(driver -> score(device, driver) > 0)
                .filter(driver -> policy.override(address, device.keys())
                        .map(o -> o.driver().equals(driver.name()))
                        .orElse(true))
                .sorted(Comparator.comparingInt((FakeDriver driver) -> -score(device, driver))
                        .thenComparingInt(driver -> -world.rankings.get(driver.name()))
                        .thenComparingLong(driver -> (Long) driver.reference().getProperty("service.id")))
                .toList();
        boolean failed = false;
        for (FakeDriver driver : fitting) {
            switch (world.conduct(driver.name(), device.id())) {
                case DRIVES, FLAKY -> {
                    return "BOUND " + driver.name();
                }
                case DEFERS -> {
                    return "DEFERRED";
                }
                case FAILS, BREAKS, RETURNS_NULL -> failed = true;
                case DECLINES -> {}
            }
        }
        return failed ? "QUARANTINED" : "UNBOUND";
    }

    private static int score(FakeDevice device, FakeDriver driver) {
        return device.keys()
                .stream()
                .filter(key -> driver.keys().contains(key.text()))
                .mapToInt(MatchKey::score)
                .max()
                .orElse(0);
    }
}
