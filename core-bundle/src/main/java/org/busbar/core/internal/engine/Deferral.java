package org.busbar.core.internal.engine;

import org.jspecify.annotations.Nullable;

/** The watch for services that a deferred probe may be waiting for. Belongs to the worker. */
final class Deferral {

    final String filter;
    @Nullable
    AutoCloseable watch;
    /** Whether a service has appeared while the pair was being probed. */
    boolean appeared;
    boolean ended;

    Deferral(String filter) {
        this.filter = filter;
    }
}
