package org.busbar.pci.host;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Told what happens to an open function. Hints, except for {@link #ejectRequested} and {@link #withdrawn}. Calls return at
 * once and wait for nothing, those two neither: hosts make them on threads that nobody else may hold up.
 */
@ProviderType
public interface FunctionNotices {

    /** Somebody wants to take the function out and waits until its handle is closed; this call returns before. */
    void ejectRequested();

    /**
     * The function stays but may not be used any more. For the rest as {@link #ejectRequested}.
     *
     * @param why the reason, fit for the end of a sentence
     */
    default void withdrawn(String why) {
        ejectRequested();
    }

    /** {@link #ejectRequested}, or {@link #withdrawn}, does not hold any more. */
    void ejectCancelled();

    /** The function may be gone without anybody having asked: has the host looked at. */
    void maybeGone();

    /** The function reported an error from which it has to be recovered, for example by AER. */
    void error(String what);
}
