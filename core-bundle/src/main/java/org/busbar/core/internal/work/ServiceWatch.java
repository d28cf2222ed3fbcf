package org.busbar.core.internal.work;

import org.osgi.framework.InvalidSyntaxException;

/** Watches for services to appear. */
@FunctionalInterface
public interface ServiceWatch {

    /**
     * Has an action run now if a matching service is there, and again whenever one appears.
     *
     * @param appeared short; called from any thread
     * @return ends the watch
     * @throws InvalidSyntaxException if the filter is malformed
     */
    AutoCloseable watch(String filter, Runnable appeared) throws InvalidSyntaxException;

    /** Returns whether the whole framework stops, so that nobody who leaves comes back. */
    default boolean isStopping() {
        return false;
    }
}
