package org.busbar.port;

/** Whether frames of a port pass. */
public enum PortState {
    /** There is a card with a driver, it is set as it was, and queues reach it. */
    UP("frames pass"),
    /** There is none. Frames that are sent are dropped and counted. */
    HELD("frames are dropped until its card has a driver again"),
    /** As {@link #HELD}, and longer than is configured. A card that comes is welcome at any time. */
    ABSENT("its card has not come back in time; frames are dropped until it does"),
    /** It is no service any more and never will be again; what is there now is another port. */
    DROPPED("it was given up, since nobody used it or its bundle stopped");

    private final String text;

    PortState(String text) {
        this.text = text;
    }

    /** Returns the state in words. */
    public String text() {
        return text;
    }
}
