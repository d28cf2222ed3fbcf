package org.busbar.driver.virtionet;

import java.io.IOException;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Resets a device that is in use and brings it back as it was (2.4, 3.1.1), with the owners of its queues kept out for as long as
 * it lasts: the same features, vectors and virtqueues, and what had been chosen. The port's lock guards it.
 */
final class Revival {

    private final DeviceContext context;
    private final CommonConfig common;
    private final QueueSetup setup;
    private final Features features;
    private final List<QueuePair> pairs;
    private final @Nullable ControlQueue control;
    private final Choices choices;
    private final Spread spread;
    private final boolean interrupts;

    Revival(
            DeviceContext context,
            CommonConfig common,
            QueueSetup setup,
            Features features,
            List<QueuePair> pairs,
            @Nullable ControlQueue control,
            Choices choices,
            Spread spread,
            boolean interrupts) {
        this.context = context;
        this.common = common;
        this.setup = setup;
        this.features = features;
        this.pairs = pairs;
        this.control = control;
        this.choices = choices;
        this.spread = spread;
        this.interrupts = interrupts;
    }

    /** Does it. */
    void run(List<VirtioQueue> open, Deadline deadline)
            throws IOException, DeviceTimeoutException, InterruptedException {
        open.forEach(queue -> queue.turn().claim());
        try {
            context.await(
                    "the owners of the queues to pause",
                    () -> open.stream().allMatch(queue -> queue.turn().isFree()),
                    deadline);
            if (control == null) {
                reset(deadline);
            } else {
                control.reset(() -> {
                    reset(deadline);
                    choices.restore(control, features);
                    spread.restore();
                });
            }
            open.forEach(VirtioQueue::fill);
        } finally {
            open.forEach(queue -> queue.turn().letIn());
        }
    }

    private void reset(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException {
        VirtioController.reset(context, common, deadline);
        pairs.forEach(QueuePair::empty);
        common.addStatus(CommonConfig.ACKNOWLEDGE);
        common.addStatus(CommonConfig.DRIVER);
        common.acceptFeatures(features.bits());
        common.addStatus(CommonConfig.FEATURES_OK);
        if ((common.status() & CommonConfig.FEATURES_OK) == 0) {
            throw new IOException("the device does not grant the features any more that it had: " + features);
        }
        if (interrupts && !common.configVector(0)) {
            throw new IOException("the device does not take the interrupt vector any more that it had");
        }
        for (QueuePair pair : pairs) {
            if (pair.runs()) {
                pair.start(setup);
            }
        }
        if (control != null) {
            control.again(setup);
        }
        common.addStatus(CommonConfig.DRIVER_OK);
    }
}
