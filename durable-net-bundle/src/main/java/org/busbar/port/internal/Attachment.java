package org.busbar.port.internal;

import org.busbar.device.DeviceGoneException;
import org.busbar.net.PortQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue of a driver, for a queue of a port.
 *
 * @param card whose it is
 * @param queue the driver's
 */
record Attachment(Card card, PortQueue queue) {

    private static final Logger LOG = LoggerFactory.getLogger(Attachment.class);

    /** Closes the driver's queue, on the thread that has it. */
    void close() {
        try {
            queue.close();
        } catch (DeviceGoneException | IllegalStateException e) {
            LOG.debug("{}: a queue was closed after its device had gone", card, e);
        } catch (RuntimeException defect) {
            card.report("while a queue was closed", defect);
        }
    }
}
