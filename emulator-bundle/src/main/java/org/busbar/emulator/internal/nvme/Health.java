package org.busbar.emulator.internal.nvme;

/** How the SSD feels: its temperature and critical warnings, and the events about them (sections 5.2 and 5.14.1.2). */
final class Health {

    static final int WARNING_TEMPERATURE = 343;
    static final int CRITICAL_TEMPERATURE = 373;

    static final int SPARE_LOW = 1;
    static final int TEMPERATURE_CROSSED = 1 << 1;

    private static final int KELVIN = 273;
    private static final int USUAL_TEMPERATURE = 38 + KELVIN;
    private static final int WARNINGS = 0x1f;

    private final Events events;
    private final Features features;
    private final TemperatureThresholds thresholds;
    private int temperature = USUAL_TEMPERATURE;
    private int raised;
    /** Critical warnings as they were when events were last thought of. */
    private int known;

    Health(Events events, Features features, TemperatureThresholds thresholds) {
        this.events = events;
        this.features = features;
        this.thresholds = thresholds;
    }

    /** Sets the temperature, in degrees Celsius. */
    void temperature(int celsius) {
        temperature = celsius + KELVIN;
        check();
    }

    /** Sets the critical warnings other than that of the temperature. */
    void raise(int warnings) {
        raised = warnings & WARNINGS;
        check();
    }

    /** Returns the temperature in Kelvin. */
    int temperature() {
        return temperature;
    }

    /** Returns the critical warnings. */
    int warnings() {
        return raised | (thresholds.crossed(temperature) ? TEMPERATURE_CROSSED : 0);
    }

    /** Something has changed, thresholds included: reports warnings that are new and wanted. */
    void check() {
        int now = warnings();
        int wanted = now & ~known & features.eventConfiguration() & WARNINGS;
        known = now;
        if ((wanted & SPARE_LOW) != 0) {
            events.happened(Events.SMART, Events.SPARE);
        }
        if ((wanted & TEMPERATURE_CROSSED) != 0) {
            events.happened(Events.SMART, Events.TEMPERATURE);
        }
        if ((wanted & ~(SPARE_LOW | TEMPERATURE_CROSSED)) != 0) {
            events.happened(Events.SMART, Events.RELIABILITY);
        }
    }

    /** The controller was reset: what is wrong is news to the next driver. */
    void forget() {
        known = 0;
    }
}
