package org.busbar.driver.nvme;

import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;

/** Notices that the controller is gone or has failed, and tells the core. Thread-safe. */
final class Health {

    private final DeviceContext context;
    private final Registers registers;
    private volatile boolean reported;

    Health(DeviceContext context, Registers registers) {
        this.context = context;
        this.registers = registers;
    }

    /** Looks at the controller's registers. To be called when something takes longer than usual. */
    void check() {
        if (reported) {
            return;
        }
        try {
            if (registers.looksGone()) {
                context.suspectGone("the registers do not answer");
            } else if ((registers.csts() & Registers.CSTS_CFS) != 0) {
                fail("the controller reports a fatal status (CSTS.CFS)");
            }
        } catch (DeviceGoneException e) {
            // Revoked: the core knows. Otherwise an access has faulted, and the core does not know yet.
            if (!context.isRevoked()) {
                context.suspectGone("the registers cannot be reached");
            }
        }
    }

    /** A completion names a command that is not in flight: nothing that the controller says can be trusted any more. */
    void unexpectedCompletion(int queue, int cid) {
        fail("queue " + queue + " completed command " + cid + ", which is not in flight");
    }

    /** Commands stay unanswered far beyond their time. */
    void unresponsive(String what) {
        fail(what);
    }

    private void fail(String why) {
        if (!reported) {
            reported = true;
            context.fail(new IllegalStateException(why));
        }
    }
}
