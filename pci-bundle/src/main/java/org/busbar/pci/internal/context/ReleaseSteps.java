package org.busbar.pci.internal.context;

import org.jspecify.annotations.Nullable;

/** Runs the steps of a release in order, each of them even if one before has failed, and tells the failures at the end. */
final class ReleaseSteps {

    private final String device;
    private @Nullable IllegalStateException failure;

    ReleaseSteps(String device) {
        this.device = device;
    }

    /** A step of a release. */
    @FunctionalInterface
    interface Step {
        void run();
    }

    void run(String what, Step step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            if (failure == null) {
                failure = new IllegalStateException(device + ": not all could be released: " + what + " failed: " + e);
            }
            failure.addSuppressed(new IllegalStateException(what + " failed", e));
        }
    }

    /** Throws if a step has failed, with all failures in it. */
    void finish() {
        if (failure != null) {
            throw failure;
        }
    }
}
