package org.busbar.driver.virtionet;

import java.lang.annotation.Annotation;
import org.busbar.device.ConfigValues;

/** The values of a configuration, checked: the ranges of the metatype bind only those who look at it. */
@SuppressWarnings("BadAnnotationImplementation") // compared with nothing
record VirtioNetSettings(
        int packetBuffers,
        int bufferBytes,
        int ringSize,
        int queuePairs,
        boolean packed,
        boolean eventIndex,
        boolean queueReset,
        boolean interrupts,
        boolean vlanFilter,
        boolean hashSpread,
        boolean largeReceive)
        implements
            VirtioNetConfig {

    /** Buffers are whole cache lines. */
    private static final int STEP = 64;

    /** Reads them, with defaults in place of what is not set or malformed. */
    static VirtioNetSettings read(ConfigValues values) {
        return new VirtioNetSettings(
                values.number("packetBuffers", 64, 65_536, 1024),
                bufferBytes(values),
                ringSize(values),
                values.number("queuePairs", 1, 64, 4),
                values.flag("packed", true),
                values.flag("eventIndex", true),
                values.flag("queueReset", true),
                values.flag("interrupts", true),
                values.flag("vlanFilter", false),
                values.flag("hashSpread", true),
                values.flag("largeReceive", false));
    }

    private static int bufferBytes(ConfigValues values) {
        int bytes = values.number("bufferBytes", 2048, 65_536, 2048);
        if (bytes % STEP == 0) {
            return bytes;
        }
        values.malformed("bufferBytes", bytes, "write a multiple of " + STEP
                + ", for example bufferBytes=2048");
        return 2048;
    }

    private static int ringSize(ConfigValues values) {
        int entries = values.number("ringSize", 16, 4096, 256);
        if (Integer.bitCount(entries) == 1) {
            return entries;
        }
        values.malformed("ringSize", entries, "write a power of two, for example ringSize=256");
        return 256;
    }

    @Override
    public Class<? extends Annotation> annotationType() {
        return VirtioNetConfig.class;
    }
}
