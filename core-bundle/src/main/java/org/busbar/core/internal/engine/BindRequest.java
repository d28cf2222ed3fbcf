package org.busbar.core.internal.engine;

import java.util.concurrent.CompletableFuture;

/** An operator waits for a device to be bound to a driver. */
record BindRequest(String driver, CompletableFuture<Void> result) {}
