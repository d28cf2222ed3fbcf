package org.busbar.driver.nic;

import java.util.concurrent.TimeUnit;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.driver.support.Gate;
import org.busbar.driver.support.Signal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the hardware's counters before they are full, even if nobody asks for them: a thread of the binding that mostly sleeps. */
final class CounterKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(CounterKeeper.class);
    /** 64-byte frames at a gigabit fill 32 bits in 48 minutes. */
    private static final long INTERVAL = TimeUnit.MINUTES.toNanos(10);

    private final DeviceContext context;
    private final HardwareCounters counters;
    private final Gate gate;
    private final Signal shut = new Signal();

    CounterKeeper(DeviceContext context, HardwareCounters counters, Gate gate) {
        this.context = context;
        this.counters = counters;
        this.gate = gate;
        context.onRevoked(shut::raise);
    }

    void start() {
        context.executor().execute(this::run);
    }

    private void run() {
        try {
            while (!gate.isGone()) {
                counters.collect();
                shut.await(INTERVAL);
            }
        } catch (DeviceGoneException e) {
            LOG.debug("{}: nothing counts any more", context.id(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
