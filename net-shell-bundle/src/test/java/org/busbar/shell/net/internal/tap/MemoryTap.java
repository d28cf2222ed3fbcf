package org.busbar.shell.net.internal.tap;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.net.MacAddress;
import org.busbar.net.tap.TapDevice;
import org.busbar.net.tap.TapException;

/** A TAP interface without a kernel. */
final class MemoryTap implements TapDevice {

    final BlockingQueue<byte[]> fromKernel = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> toKernel = new LinkedBlockingQueue<>();
    private final boolean privileged;
    private MacAddress mac = MacAddress.parse("02:00:00:00:00:01");
    private int mtu = 1500;
    private boolean up;
    private boolean closed;

    MemoryTap(boolean privileged) {
        this.privileged = privileged;
    }

    private void privileged() throws TapException {
        if (!privileged) {
            throw new TapException(TapException.Reason.NOT_PERMITTED, "only root may");
        }
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public String name() {
        return "tap0";
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public void changeMac(MacAddress other) throws TapException {
        privileged();
        mac = other;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public void changeMtu(int bytes) throws TapException {
        privileged();
        mtu = bytes;
    }

    @Override
    public boolean isUp() {
        return up;
    }

    @Override
    public void up(boolean on) throws TapException {
        privileged();
        up = on;
    }

    @Override
    public int read(MemorySegment into) {
        byte[] frame = fromKernel.poll();
        if (frame == null) {
            return 0;
        }
        MemorySegment.copy(frame, 0, into, ValueLayout.JAVA_BYTE, 0, frame.length);
        return frame.length;
    }

    @Override
    public boolean write(MemorySegment frame, int length) {
        return toKernel.offer(frame.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public boolean awaitRead(Deadline deadline) throws InterruptedException {
        byte[] frame = fromKernel.poll(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
        if (frame != null) {
            fromKernel.add(frame); // to the end, which for one frame is the start
        }
        return frame != null;
    }

    @Override
    public void wake() {}

    @Override
    public void close() {
        closed = true;
    }
}
