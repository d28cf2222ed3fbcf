package org.busbar.core.internal.engine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * An operator waits for a device to be bound to a driver.
 *
 * @param driver the driver's name
 * @param service its service, nothing if any of that name will do
 */
record BindRequest(String driver, Optional<Long> service, CompletableFuture<Void> result) {

    /** Whether this is what the operator waits for. */
    boolean isFor(Pair pair) {
        return service.map(id -> id == pair.driver().serviceId()).orElse(true);
    }
}
