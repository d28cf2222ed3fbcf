package org.busbar.core.internal.engine;

import org.busbar.core.internal.scope.Leak;

/** Told of the turns that a tenure takes. Called on the worker unless it says otherwise. */
interface TenureOwner {

    void bound(Tenure tenure);

    void probeFailed(Tenure tenure, Throwable failure);

    void removing(Tenure tenure);

    /** Whether the device may be kept for a successor of the driver. */
    boolean mayHandOver(Tenure tenure);

    void stuck(Tenure tenure, String doing, String stack);

    void leaked(Tenure tenure, Leak leak);

    void ended(Tenure tenure);

    /** The driver reports that it cannot go on. Called from any thread. */
    void failed(Tenure tenure, Throwable cause);

    /** The driver suspects that its device is gone. Called from any thread. */
    void suspectGone(Tenure tenure, String why);

    /** Something came to nothing because the device is gone, or not the driver's any more. Called from any thread. */
    void overtaken(Tenure tenure, String what, String message);

    /** Something has failed that stops nothing. Called from any thread. */
    void trouble(Tenure tenure, String what, Throwable failure);
}
