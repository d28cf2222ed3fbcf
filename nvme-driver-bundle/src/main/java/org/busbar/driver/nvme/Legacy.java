package org.busbar.driver.nvme;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.busbar.device.HandoverState;

/**
 * What a driver leaves to its successor, besides memory: an enabled controller without I/O queues, with an admin queue in which
 * nothing is in flight but Asynchronous Event Requests.
 *
 * <pre>
 *   granted:i32 doorbells:i8 admin:{@link RingState} serial:text model:text crc32:i32      little-endian; text: length:i16, UTF-8
 * </pre>
 *
 * @param admin where the admin queue stands
 * @param granted how many I/O queue pairs the controller has granted, which cannot be asked again without a reset
 * @param doorbells whether the controller looks for doorbells in memory
 * @param serial the controller's serial number
 * @param model its model
 */
record Legacy(RingState admin, int granted, boolean doorbells, String serial, String model) {

    static final String FORMAT = "org.busbar.driver.nvme";

    /** Counts up with every change of the bytes, or of what the memory by its names means. */
    static final int VERSION = 1;

    // The memory that goes with it.
    static final String SUBMISSIONS = "admin submissions";
    static final String COMPLETIONS = "admin completions";
    static final String DOORBELLS = "doorbells";

    private static final int MAX_QUEUES = 65_535;
    private static final int MAX_TEXT = 256;

    HandoverState state() {
        byte[] serialText = serial.getBytes(StandardCharsets.UTF_8);
        byte[] modelText = model.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer
                .allocate(Integer.BYTES
                        + Byte.BYTES
                        + admin.bytes()
                        + 2 * Short.BYTES
                        + serialText.length
                        + modelText.length
                        + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(granted).put((byte) (doorbells ? 1 : 0));
        admin.write(bytes);
        bytes.putShort((short) serialText.length).put(serialText);
        bytes.putShort((short) modelText.length).put(modelText);
        bytes.putInt(checksum(bytes.array(), bytes.position()));
        return new HandoverState(FORMAT, VERSION, bytes.array());
    }

    /**
     * Reads a state.
     *
     * @throws IOException if it is of another format or version, or damaged; the message says what is wrong
     */
    static Legacy parse(HandoverState state) throws IOException {
        if (!state.format().equals(FORMAT) || state.version() != VERSION) {
            throw new IOException("not of this driver, or of another version: " + state);
        }
        ByteBuffer bytes = ByteBuffer.wrap(state.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        int end = bytes.limit() - Integer.BYTES;
        if (end < 0 || bytes.getInt(end) != checksum(bytes.array(), end)) {
            throw new IOException("the state is damaged: its checksum is wrong");
        }
        bytes.limit(end);
        try {
            int granted = bytes.getInt();
            byte doorbells = bytes.get();
            if (granted < 1 || granted > MAX_QUEUES || (doorbells & ~1) != 0) {
                throw new IOException("it speaks of " + granted + " I/O queues, doorbells " + doorbells);
            }
            RingState admin = RingState.read(bytes, AdminQueue.ENTRIES);
            Legacy legacy = new Legacy(admin, granted, doorbells == 1, text(bytes), text(bytes));
            if (bytes.hasRemaining()) {
                throw new IOException(bytes.remaining() + " bytes too many");
            }
            return legacy;
        } catch (BufferUnderflowException e) {
            throw new IOException("the state ends too early", e);
        }
    }

    private static String text(ByteBuffer bytes) throws IOException {
        int length = bytes.getShort() & 0xffff;
        if (length > MAX_TEXT) {
            throw new IOException("a text of " + length + " bytes");
        }
        byte[] text = new byte[length];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
