package org.busbar.net.tap;

import java.lang.foreign.MemorySegment;
import org.busbar.device.Deadline;
import org.busbar.net.MacAddress;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An open TAP interface: what the kernel sends out of it is read here, what is written here the kernel receives. For one thread
 * at a time, but for {@link #wake}. Reading, writing and waiting allocate nothing.
 */
@ProviderType
public interface TapDevice extends AutoCloseable {

    /** Returns the interface's name. */
    String name();

    /** Returns the interface's Ethernet address. */
    MacAddress mac() throws TapException;

    /** Changes the interface's Ethernet address. */
    void changeMac(MacAddress mac) throws TapException;

    /** Returns the largest payload of a frame in bytes. */
    int mtu() throws TapException;

    /** Changes the largest payload of a frame. */
    void changeMtu(int bytes) throws TapException;

    /** Returns whether the interface is up. */
    boolean isUp() throws TapException;

    /** Sets the interface up or down. */
    void up(boolean on) throws TapException;

    /**
     * Takes a frame that the kernel has sent.
     *
     * @param into where it goes, from the destination address on; what does not fit is lost
     * @return its length, 0 if there is none
     */
    int read(MemorySegment into) throws TapException;

    /**
     * Has the kernel receive a frame.
     *
     * @param frame memory that begins with it
     * @param length its length, at least 14
     * @return whether the kernel has taken it: not if it has no room, or the interface is down
     */
    boolean write(MemorySegment frame, int length) throws TapException;

    /**
     * Waits until {@link #read} would return something.
     *
     * @return whether it would; false if the deadline has passed, or somebody has called {@link #wake}
     * @throws InterruptedException if the thread is interrupted, which is noticed within a tenth of a second
     */
    boolean awaitRead(Deadline deadline) throws TapException, InterruptedException;

    /** Ends a wait, now or the next. From any thread. */
    void wake();

    /** Gives the interface back. Repeated calls do nothing. No other call may be under way. */
    @Override
    void close();
}
