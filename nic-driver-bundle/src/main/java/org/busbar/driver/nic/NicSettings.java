package org.busbar.driver.nic;

import java.lang.annotation.Annotation;
import org.busbar.device.ConfigValues;

/** The values of a configuration, checked: the ranges of the metatype bind only those who look at it. */
@SuppressWarnings("BadAnnotationImplementation") // compared with nothing
record NicSettings(int packetBuffers, boolean interrupts) implements NicConfig {

    /** Reads them, with defaults in place of what is not set or malformed. */
    static NicSettings read(ConfigValues values) {
        return new NicSettings(
                values.number("packetBuffers", 512, 65_536, 1024),
                values.flag("interrupts", true));
    }

    @Override
    public Class<? extends Annotation> annotationType() {
        return NicConfig.class;
    }
}
