package org.busbar.volume;

/** Whether requests of a volume reach its medium. */
public enum VolumeState {
    /** There is a path, and requests take it. */
    UP("requests reach the medium"),
    /** There is no path. Requests wait for one, for as long as is configured. */
    HELD("requests wait for the medium to come back"),
    /** The time is up. Requests fail until a path comes back. */
    FAILED("the medium did not come back in time; requests fail"),
    /** It is no service any more and never will be again. Requests fail; what is there now is another volume. */
    DROPPED("the medium went away while nobody used it");

    private final String text;

    VolumeState(String text) {
        this.text = text;
    }

    /** Returns the state in words. */
    public String text() {
        return text;
    }
}
