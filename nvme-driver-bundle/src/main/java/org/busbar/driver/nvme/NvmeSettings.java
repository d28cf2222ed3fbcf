package org.busbar.driver.nvme;

import java.lang.annotation.Annotation;
import org.busbar.device.ConfigValues;

/** The values of a configuration, checked: the ranges of the metatype bind only those who look at it. */
@SuppressWarnings("BadAnnotationImplementation") // compared with nothing
record NvmeSettings(int ioQueues, long commandTimeoutMillis, boolean passthrough) implements NvmeConfig {

    /** Reads them, with defaults in place of what is not set or malformed. */
    static NvmeSettings read(ConfigValues values) {
        return new NvmeSettings(
                values.number("ioQueues", 1, 1024, 16),
                values.number("commandTimeoutMillis", 100L, 600_000L, 30_000L),
                values.flag("passthrough", false));
    }

    @Override
    public Class<? extends Annotation> annotationType() {
        return NvmeConfig.class;
    }
}
