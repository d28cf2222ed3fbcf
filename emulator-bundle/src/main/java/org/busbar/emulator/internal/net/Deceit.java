package org.busbar.emulator.internal.net;

import java.util.List;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicFault.Side;
import org.jspecify.annotations.Nullable;

/** The lies of a NIC as they are now. Set by any thread, asked by the device's. */
public final class Deceit {

    private volatile @Nullable Lies receive;
    private volatile @Nullable Lies transmit;

    /** Takes over the faults of a card. */
    public void set(List<Fault> faults) {
        receive = Lies.of(faults, Side.RECEIVE);
        transmit = Lies.of(faults, Side.TRANSMIT);
    }

    /** Returns the lies about receive buffers, null if there are none. */
    public @Nullable Lies receive() {
        return receive;
    }

    /** Returns the lies about transmit buffers, null if there are none. */
    public @Nullable Lies transmit() {
        return transmit;
    }
}
