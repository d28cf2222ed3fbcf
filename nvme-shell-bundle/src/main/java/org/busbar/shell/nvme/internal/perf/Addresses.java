package org.busbar.shell.nvme.internal.perf;

/** Where the next request goes. For one thread; allocates nothing. */
interface Addresses {

    /**
     * Chooses the next request.
     *
     * @return whether there is one; if not, there may be one once a request that is under way has ended
     */
    boolean advance();

    /** Returns the unit that was chosen. */
    long unit();

    /** Returns whether it is to be written. */
    boolean isWrite();
}
