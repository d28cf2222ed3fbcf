package org.busbar.core.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.busbar.device.DeviceId;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.MatchKey;

/** A device with keys whose scores fall from 100. */
public final class FakeDevice implements BusDevice {

    private final DeviceId id;
    private final List<MatchKey> keys = new ArrayList<>();
    public volatile Optional<String> unavailable = Optional.empty();

    public FakeDevice(String address, long generation, String... keys) {
        id = new DeviceId("test", address, generation);
        for (String key : keys) {
            this.keys.add(new MatchKey(key, 100 - 10 * this.keys.size()));
        }
    }

    @Override
    public DeviceId id() {
        return id;
    }

    @Override
    public List<MatchKey> keys() {
        return keys;
    }

    @Override
    public Optional<String> unavailable() {
        return unavailable;
    }

    @Override
    public Map<String, String> properties() {
        return Map.of("name", id.address());
    }
}
