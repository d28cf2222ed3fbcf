package org.busbar.emulator.internal.nic;

import static org.busbar.emulator.internal.net.InternetChecksum.SHORT;

import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;

/** Where frames leave the controller: padded, tagged, counted. Device's thread only. */
final class Outlet {

    /** Bytes before a frame in its buffer, so that there is room for a tag. */
    static final int HEADROOM = 4;

    /** As a tag: none. */
    static final int UNTAGGED = -1;

    private static final int MIN_FRAME = 60;
    private static final int ADDRESSES = 12;

    private final NicRegisters registers;
    private final SwitchPort port;
    private final Statistics statistics;

    Outlet(NicRegisters registers, SwitchPort port, Statistics statistics) {
        this.registers = registers;
        this.port = port;
        this.statistics = statistics;
    }

    /**
     * Sends a frame.
     *
     * @param buffer with the frame after {@link #HEADROOM} bytes
     * @param length of the frame, at most the buffer's size without headroom and 60
     * @param tag to put in, as VET says, or {@link #UNTAGGED}
     * @return whether it was sent
     */
    boolean send(MemorySegment buffer, int length, int tag) {
        int bytes = length;
        int from = HEADROOM;
        if (tag != UNTAGGED) {
            MemorySegment.copy(buffer, HEADROOM, buffer, 0, ADDRESSES);
            buffer.set(SHORT, ADDRESSES, (short) registers.get(Reg.VET));
            buffer.set(SHORT, ADDRESSES + 2, (short) tag);
            from = 0;
            bytes += HEADROOM;
        }
        if ((registers.get(Reg.TCTL) & Reg.TCTL_PAD) != 0 && bytes > 0 && bytes < MIN_FRAME) {
            buffer.asSlice(from + (long) bytes, MIN_FRAME - bytes).fill((byte) 0);
            bytes = MIN_FRAME;
        }
        if (bytes > NetworkSwitch.MAX_FRAME || !port.send(buffer, from, bytes)) {
            return false;
        }
        statistics.sent(bytes, ReceiveFilter.destination(buffer, from));
        return true;
    }
}
