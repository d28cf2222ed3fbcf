package org.busbar.shell.net.internal.traffic;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Closes several things, each whatever becomes of the others; the first failure is the one that counts. */
final class Closing {

    private Closing() {}

    static void all(List<AutoCloseable> resources) throws IOException {
        @Nullable
        Exception failure = null;
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) { // all that they are declared to throw; thrown again below
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
