package org.busbar.port.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Publication;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPool;
import org.busbar.port.Port;

/** Ports without a framework. */
final class Bench {

    static final Duration HOLD = Duration.ofSeconds(30);
    static final MacAddress MAC = MacAddress.parse("52:54:00:00:00:01");

    final TestWorks works = new TestWorks();
    final Map<Port, Map<String, ?>> services = new LinkedHashMap<>();
    private final PacketPoolService pools = new PacketPoolService();
    /** Happens when a port makes a pool. */
    Runnable beforePool = () -> {};
    final Ports ports = new Ports(works, new OwnPools(this::create), this::publish, HOLD);
    final List<String> reports = new ArrayList<>();
    private final Map<FakePort, Card> cards = new HashMap<>();

    private PacketPool create(int packets, int packetBytes) throws IOException {
        beforePool.run();
        return pools.create(packets, packetBytes);
    }

    private Publication publish(Port port, Map<String, Object> properties) {
        services.put(port, properties);
        return new Publication() {
            @Override
            public void update(Map<String, ?> changed) {
                services.put(port, changed);
            }

            @Override
            public void close() {
                services.remove(port);
            }
        };
    }

    PacketPool pool(int packets) throws IOException {
        return pools.create(packets, 256);
    }

    /** A driver offers a card's port: its permanent address is what it is at first. */
    FakePort come(FakePort port, String place) {
        Card card = ports.card(port, port.mac().toString(), place, reports::add);
        cards.put(port, card);
        ports.come(card);
        return port;
    }

    FakePort come(FakePort port) {
        return come(port, "1#1");
    }

    /** The driver leaves in order: its service goes first, and then what it drove. */
    void leave(FakePort port) {
        Card card = cards.remove(port);
        ports.lastLook(card);
        ports.go(card);
        port.yank();
    }

    /** The card is pulled. */
    void pull(FakePort port) {
        port.yank();
        Card card = cards.remove(port);
        ports.lastLook(card);
        ports.go(card);
    }

    /** Returns the only port. */
    Port port() {
        if (services.size() != 1) {
            throw new AssertionError("there are " + services);
        }
        return services.keySet().iterator().next();
    }

    static String address(NetworkPort port) {
        return port.mac().toString();
    }
}
