package org.busbar.port.internal;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Publication;
import org.busbar.net.NetworkPort;
import org.busbar.port.Port;

/** A lasting port over one driver's, without a framework. */
public final class LastingPort implements AutoCloseable {

    private static final Publication NOBODY = new Publication() {
        @Override
        public void update(Map<String, ?> properties) {
            // Nobody looks.
        }

        @Override
        public void close() {
            // Nobody looks.
        }
    };

    private final CompletableFuture<Port> made = new CompletableFuture<>();
    private final ThreadWorks works = new ThreadWorks();
    private final Ports ports = new Ports(works, new OwnPools(new PacketPoolService()), (port, properties) -> {
        made.complete(port);
        return NOBODY;
    }, Duration.ofSeconds(30));

    public LastingPort(NetworkPort driver) {
        ports.come(ports.card(driver, driver.mac().toString(), "bench#1", _ -> {}));
    }

    /** Returns it. */
    public Port port() throws Exception {
        return made.get(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        ports.close();
        works.close();
    }
}
