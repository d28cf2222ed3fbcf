package org.busbar.core.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.busbar.device.DeviceId;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.MatchKey;

/** A device with keys whose scores fall from 100; it counts how often it is asked for something. */
public final class FakeDevice implements BusDevice {

    private final DeviceId id;
    private final List<MatchKey> keys = new ArrayList<>();
    public volatile Optional<String> unavailable = Optional.empty();
    final LongAdder looks = new LongAdder();

    public FakeDevice(String address, long generation, String... keys) {
        id = new DeviceId("test", address, generation);
        for (String key : keys) {
            this.keys.add(new MatchKey(key, 100 - 10 * this.keys.size()));
        }
    }

    @Override
    public DeviceId id() {
        looks.increment();
        return id;
    }

    @Override
    public List<MatchKey> keys() {
        looks.increment();
        return keys;
    }

    @Override
    public Optional<String> unavailable() {
        looks.increment();
        return unavailable;
    }

    @Override
    public Map<String, String> properties() {
        return Map.of("name", id.address());
    }
}
