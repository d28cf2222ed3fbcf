package org.busbar.pci.host;

import org.osgi.annotation.versioning.ProviderType;

/** Told what happens to an open function. Hints, except for {@link #ejectRequested}. Calls return at once. */
@ProviderType
public interface FunctionNotices {

    /** Somebody wants to take the function out and waits until its handle is closed. */
    void ejectRequested();

    /** {@link #ejectRequested} does not hold any more. */
    void ejectCancelled();

    /** The function may be gone. */
    void maybeGone();

    /** The function reported an error from which it has to be recovered, for example by AER. */
    void error(String what);
}
