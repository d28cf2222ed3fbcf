package org.busbar.emulator.internal.nvme;

/** Asynchronous events (section 5.2): those that happened, and the requests that wait for one. */
final class Events {

    /** Write to Invalid Doorbell Register. */
    static final int INVALID_DOORBELL = 0x00;
    /** Invalid Doorbell Write Value. */
    static final int INVALID_DOORBELL_VALUE = 0x01;

    private static final int LOG_ERRORS = 1;
    private static final int KINDS = 8;

    private final int[] requests = new int[IdentifyData.EVENT_LIMIT + 1];
    private int waiting;
    /** Error events that happened, a bit each. */
    private int happened;
    /** One error event was reported, and the log that clears it has not been read. */
    private boolean masked;

    /** A request; returns the status. */
    int request(Command command) {
        if (waiting == requests.length) {
            return Status.EVENT_LIMIT_EXCEEDED;
        }
        requests[waiting] = command.id();
        waiting++;
        return Status.NONE;
    }

    /** Takes a request back; returns whether there was one. */
    boolean abort(int command) {
        for (int i = 0; i < waiting; i++) {
            if (requests[i] == command) {
                waiting--;
                requests[i] = requests[waiting];
                return true;
            }
        }
        return false;
    }

    /** An error event has happened. */
    void error(int kind) {
        happened |= 1 << kind;
    }

    /** The error log was read. */
    void errorLogRead() {
        masked = false;
    }

    /** Returns whether there is an event to report and a request for it. */
    boolean reportable() {
        return happened != 0 && !masked && waiting > 0;
    }

    /** Takes the command whose completion reports the next event; to be followed by {@link #nextResult}. */
    int nextCommand() {
        waiting--;
        return requests[waiting];
    }

    /** Takes the next event, as dword 0 of a completion: type error, its kind, and the log page. */
    int nextResult() {
        int kind = Integer.numberOfTrailingZeros(happened) % KINDS;
        happened &= happened - 1;
        masked = true;
        return (kind << 8) | (LOG_ERRORS << 16);
    }

    void clear() {
        waiting = 0;
        happened = 0;
        masked = false;
    }
}
