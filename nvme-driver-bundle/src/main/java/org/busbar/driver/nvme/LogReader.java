package org.busbar.driver.nvme;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.ErrorLogEntry;
import org.busbar.nvme.FirmwareLog;
import org.busbar.nvme.HealthLog;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeLogs;

/** Reads log pages: Get Log Page (NVMe Base 1.4, section 5.14). Thread-safe. */
final class LogReader implements NvmeLogs {

    /** Bytes per command: every controller moves so many. */
    private static final int CHUNK = 4096;

    private static final int MAX_BYTES = 1 << 20;

    /** CDW10 bit 15: the event that the page belongs to stays as it is. */
    private static final int RETAIN_EVENT = 1 << 15;

    private final AdminPort admin;
    private final BooleanSupplier offsets;

    /** @param offsets whether the controller reads log pages from an offset (LPA bit 2); it ignores it otherwise */
    LogReader(AdminPort admin, BooleanSupplier offsets) {
        this.admin = admin;
        this.offsets = offsets;
    }

    @Override
    public HealthLog health(int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return LogPages.health(Fields.of(read(SMART, nsid, 0, 0, LogPages.HEALTH_BYTES, deadline)));
    }

    /** @param clear whether the controller may send the next event of this type */
    HealthLog health(boolean clear, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return LogPages.health(Fields.of(
                chunk(SMART, NvmeController.ALL_NAMESPACES, 0, 0, LogPages.HEALTH_BYTES, clear, deadline)));
    }

    @Override
    public List<ErrorLogEntry> errors(int max, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return errors(max, false, deadline);
    }

    List<ErrorLogEntry> errors(int max, boolean clear, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        int entries = Math.min(Math.max(1, max), CHUNK / LogPages.ERROR_BYTES);
        byte[] log = chunk(
                ERROR, NvmeController.ALL_NAMESPACES, 0, 0, entries * LogPages.ERROR_BYTES, clear, deadline);
        return LogPages.errors(Fields.of(log), entries);
    }

    @Override
    public FirmwareLog firmware(Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return LogPages.firmware(Fields.of(
                read(FIRMWARE, NvmeController.ALL_NAMESPACES, 0, 0, LogPages.FIRMWARE_BYTES, deadline)));
    }

    /** Reads a page so that the event it belongs to is over. */
    void clear(int page, Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        chunk(page, NvmeController.ALL_NAMESPACES, 0, 0, page == CHANGED_NAMESPACES ? CHUNK : 512, true, deadline);
    }

    @Override
    public byte[] read(int page, int nsid, int specific, long offset, int bytes, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        if (bytes < 4 || bytes > MAX_BYTES || (bytes & 3) != 0 || offset < 0 || (offset & 3) != 0) {
            throw new IllegalArgumentException("a log page is read by 4 to " + MAX_BYTES
                    + " bytes from an offset, both multiples of 4, not " + bytes + " from " + offset);
        }
        if (page < 0 || page > 0xff || specific < 0 || specific > 0xf) {
            throw new IllegalArgumentException(
                    "log pages are 0 to 255 and their specific field 0 to 15, not " + page + " and " + specific);
        }
        if ((offset != 0 || bytes > CHUNK) && !offsets.getAsBoolean()) {
            throw new UnsupportedOperationException("the controller gives the first " + CHUNK
                    + " bytes of a log page only: it does not support offsets (LPA bit 2)");
        }
        byte[] all = new byte[bytes];
        for (int at = 0; at < bytes; at += CHUNK) {
            int length = Math.min(CHUNK, bytes - at);
            byte[] part = chunk(page, nsid, specific, offset + at, length, false, deadline);
            System.arraycopy(part, 0, all, at, length);
        }
        return all;
    }

    /** CDW10: page, specific field, number of dwords from zero, low; CDW11: number, high; CDW12 and 13: offset. */
    private byte[] chunk(int page, int nsid, int specific, long offset, int bytes, boolean clear, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        int dwords = bytes / 4 - 1;
        NvmeCommand command = NvmeCommand.of(Opcode.GET_LOG_PAGE, nsid)
                .with(
                        page | specific << 8 | (clear ? 0 : RETAIN_EVENT) | (dwords & 0xffff) << 16,
                        dwords >>> 16,
                        (int) offset,
                        (int) (offset >>> 32),
                        0,
                        0);
        return admin.read("Get Log Page (%02xh)".formatted(page), command, bytes, deadline);
    }
}
