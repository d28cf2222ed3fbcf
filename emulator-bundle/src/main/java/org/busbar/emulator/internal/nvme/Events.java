package org.busbar.emulator.internal.nvme;

import java.util.Arrays;

/**
 * Asynchronous events (section 5.2): those that happened, and the requests that wait for one. Of each type one event is
 * reported at a time; the next comes when the log page that belongs to the first was read.
 */
final class Events {

    /** Types of events, each with events of its own. */
    static final int ERROR = 0;

    static final int SMART = 1;
    static final int NOTICE = 2;

    /** Write to Invalid Doorbell Register. */
    static final int INVALID_DOORBELL = 0x00;
    /** Invalid Doorbell Write Value. */
    static final int INVALID_DOORBELL_VALUE = 0x01;
    /** NVM subsystem Reliability. */
    static final int RELIABILITY = 0x00;
    /** Temperature Threshold. */
    static final int TEMPERATURE = 0x01;
    /** Spare Below Threshold. */
    static final int SPARE = 0x02;
    /** Namespace Attribute Changed. */
    static final int NAMESPACE_CHANGED = 0x00;

    /** Asynchronous Event Requests that may wait, less one: AERL. */
    static final int LIMIT = 3;

    /** The log page that belongs to the events of a type, except to notices, which have different ones. */
    private static final int[] PAGES = {0x01, 0x02, 0x04};

    private final int[] requests = new int[LIMIT + 1];
    private int waiting;
    /** What happened, a bit each, by type. */
    private final int[] happened = new int[PAGES.length];
    /** Types of which one was reported, and the log that clears it has not been read. */
    private int masked;

    void register(CommandTable table) {
        table.add(0x0c, CommandTable.READS, this::request);
    }

    private int request(Command command) {
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
                remove(i);
                return true;
            }
        }
        return false;
    }

    private void remove(int index) {
        waiting--;
        System.arraycopy(requests, index + 1, requests, index, waiting - index);
    }

    /** An event has happened. */
    void happened(int type, int event) {
        happened[type] |= 1 << event;
    }

    /** A log page was read, and its events are not to be retained. */
    void read(int page) {
        for (int type = 0; type < PAGES.length; type++) {
            if (PAGES[type] == page) {
                masked &= ~(1 << type);
            }
        }
        if (PAGES[NOTICE] == page) {
            // Whatever a notice that was held back would have told is in the list.
            happened[NOTICE] = 0;
        }
    }

    /** Returns whether there is an event to report and a request for it. */
    boolean reportable() {
        return waiting > 0 && nextType() >= 0;
    }

    /** Takes the command whose completion reports the next event; to be followed by {@link #nextResult}. */
    int nextCommand() {
        int command = requests[0];
        remove(0);
        return command;
    }

    /** Takes the next event, as dword 0 of a completion: its type, itself, and the log page. */
    int nextResult() {
        int type = nextType();
        int event = Integer.numberOfTrailingZeros(happened[type]);
        happened[type] &= happened[type] - 1;
        masked |= 1 << type;
        return type | (event << 8) | (PAGES[type] << 16);
    }

    private int nextType() {
        for (int type = 0; type < PAGES.length; type++) {
            if (happened[type] != 0 && (masked & (1 << type)) == 0) {
                return type;
            }
        }
        return -1;
    }

    void clear() {
        waiting = 0;
        masked = 0;
        Arrays.fill(happened, 0);
    }
}
