package org.busbar.driver.nvme;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where a pair of rings stands: what has to be known of it to go on with it. All that was written is rung, and all that was
 * taken is acknowledged.
 *
 * @param entries size of either ring
 * @param tail where the next command goes
 * @param head where the next completion is expected
 * @param phase the phase tag that it will have, 0 or 1
 * @param identifiers by slot, of its command in flight, or of its next one
 * @param taken by slot, whether a command is in flight
 */
@SuppressWarnings("ArrayRecordComponent") // made once, written once, compared with nothing
record RingState(int entries, int tail, int head, int phase, int[] identifiers, boolean[] taken) {

    private static final int SLOT_BYTES = Short.BYTES + Byte.BYTES;

    int bytes() {
        return 4 * Integer.BYTES + identifiers.length * SLOT_BYTES;
    }

    void write(ByteBuffer target) {
        target.putInt(entries).putInt(tail).putInt(head).putInt(phase);
        for (int slot = 0; slot < identifiers.length; slot++) {
            target.putShort((short) identifiers[slot]).put((byte) (taken[slot] ? 1 : 0));
        }
    }

    /**
     * Reads what {@link #write} has written, of rings of this size.
     *
     * @throws IOException if it makes no sense
     */
    static RingState read(ByteBuffer source, int entries) throws IOException {
        if (source.remaining() < 4 * Integer.BYTES + (entries - 1) * SLOT_BYTES) {
            throw new IOException("the state of a queue is too short");
        }
        require("entries", source.getInt(), entries, entries);
        int tail = require("tail", source.getInt(), 0, entries - 1);
        int head = require("head", source.getInt(), 0, entries - 1);
        int phase = require("phase", source.getInt(), 0, 1);
        int[] identifiers = new int[entries - 1];
        boolean[] taken = new boolean[entries - 1];
        for (int slot = 0; slot < identifiers.length; slot++) {
            identifiers[slot] = source.getShort() & 0xffff;
            taken[slot] = require("whether a slot is taken", source.get(), 0, 1) == 1;
            if (!Identifiers.mayBeOf(slot, identifiers[slot], identifiers.length)) {
                throw new IOException("identifier " + identifiers[slot] + " is not of slot " + slot);
            }
        }
        return new RingState(entries, tail, head, phase, identifiers, taken);
    }

    private static int require(String what, int value, int least, int most) throws IOException {
        if (value < least || value > most) {
            throw new IOException(what + " is " + value + ", not " + least + " to " + most);
        }
        return value;
    }
}
