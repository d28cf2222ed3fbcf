package org.busbar.emulator.internal.nvme;

/** A completion on its way into a queue: what a correct controller would post, until a fault changes it. */
final class Completion {

    /** Delay of a completion that never comes by itself. */
    static final long NEVER = Long.MAX_VALUE;

    int command;
    int status;
    int result;
    /** Submission queue head to report instead of the true one, or -1. */
    int head;
    /** Submission queue identifier to report instead of the true one, or -1. */
    int queue;
    /** Nanoseconds by which it is late. */
    long delay;
    /** How often it is posted; 0 if it is lost. */
    int copies;
    /** Whether its phase tag is the wrong one. */
    boolean wrongPhase;

    /** Starts with what is right. */
    Completion of(int commandId, int statusField, int dword0) {
        command = commandId;
        status = statusField;
        result = dword0;
        head = -1;
        queue = -1;
        delay = 0;
        copies = 1;
        wrongPhase = false;
        return this;
    }

    /** Takes over everything. */
    Completion of(Completion other) {
        of(other.command, other.status, other.result);
        head = other.head;
        queue = other.queue;
        delay = other.delay;
        copies = other.copies;
        wrongPhase = other.wrongPhase;
        return this;
    }
}
