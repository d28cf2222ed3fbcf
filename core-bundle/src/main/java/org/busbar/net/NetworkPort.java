package org.busbar.net;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A port of a network interface. An OSGi service that lives exactly as long as its binding. Thread-safe.
 *
 * <p>After the device has gone every method that talks to it fails with
 * {@link org.busbar.device.DeviceGoneException}.
 */
@ProviderType
public interface NetworkPort {

    /** Service property: Ethernet address in the form of {@link MacAddress#toString}. */
    String MAC = "net.mac";

    /** Returns a short name, unique among the ports of a runtime, for example {@code 0000:03:00.0}. */
    String name();

    /** Returns the port's Ethernet address. */
    MacAddress mac();

    /** Returns the state of the link as the device reports it now. */
    LinkState link();

    /** Has a listener told of changes of the link, on a thread of the port, until the returned handle is closed. */
    AutoCloseable onLinkChange(LinkListener listener);

    /** Returns the largest payload of a frame in bytes, usually 1500. */
    int mtu();

    /** Returns counters since the binding began. */
    PortStatistics statistics();

    /**
     * Opens one of the port's queue pairs, the first that is not open, for the calling thread or any one other. Its packets
     * are in memory of the device's: their data cannot be accessed any more once the device is gone, other than those of a
     * {@link PacketPool}.
     *
     * @throws IOException if all queue pairs are open already, or there is no memory for buffers; the message says which
     */
    PortQueue openQueue() throws IOException;

    /**
     * Opens a queue pair as {@link #openQueue()} does, with options.
     *
     * @throws UnsupportedOperationException if a pool is given and the port lacks {@link PortFeature#SHARED_POOL}
     * @throws IOException besides, if the device cannot reach the pool's memory
     */
    default PortQueue openQueue(PortQueueOptions options) throws IOException {
        if (options.pool() != null) {
            throw lacks(PortFeature.SHARED_POOL);
        }
        return openQueue();
    }

    /** Returns how many queue pairs the port has. With several open, the device spreads what it receives over them. */
    default int queues() {
        return 1;
    }

    /** Returns what the port can do of what is optional. The methods below that need a feature say which. */
    default Set<PortFeature> features() {
        return Set.of();
    }

    /**
     * Receives frames for all stations, or only those for this one, for everybody and for chosen groups. At first the
     * latter. Needs {@link PortFeature#PROMISCUOUS}.
     *
     * @throws UnsupportedOperationException if the port lacks the feature
     * @throws IOException if the device refuses or does not answer; the message says which
     */
    default void promiscuous(boolean on) throws IOException {
        throw lacks(PortFeature.PROMISCUOUS);
    }

    /**
     * Receives frames for all groups, or only for chosen ones. Needs {@link PortFeature#ALL_MULTICAST}. Errors as for
     * {@link #promiscuous}.
     */
    default void allMulticast(boolean on) throws IOException {
        throw lacks(PortFeature.ALL_MULTICAST);
    }

    /**
     * Chooses the groups whose frames are received, in place of those chosen before. Needs
     * {@link PortFeature#MULTICAST_FILTER}. Errors as for {@link #promiscuous}.
     *
     * @throws IllegalArgumentException if one is no group address, or there are more than the port can take
     */
    default void multicast(List<MacAddress> groups) throws IOException {
        throw lacks(PortFeature.MULTICAST_FILTER);
    }

    /**
     * Receives frames with the tag of a VLAN, or does so no longer. At first none are received by a port that has the
     * feature, and all by others. Needs {@link PortFeature#VLAN_FILTER}. Errors as for {@link #promiscuous}.
     *
     * @param id 0 to 4095
     */
    default void vlan(int id, boolean receive) throws IOException {
        throw lacks(PortFeature.VLAN_FILTER);
    }

    /**
     * Gives the port another Ethernet address until the binding ends; {@link #mac} returns it from then on. Needs
     * {@link PortFeature#MAC_SET}. Errors as for {@link #promiscuous}.
     *
     * @throws IllegalArgumentException if it is no station's address
     */
    default void changeMac(MacAddress mac) throws IOException {
        throw lacks(PortFeature.MAC_SET);
    }

    /** Returns the largest payload of a frame that {@link #changeMtu} can allow, in bytes. */
    default int maxMtu() {
        return mtu();
    }

    /**
     * Changes the largest payload of a frame until the binding ends; longer frames are dropped. Above what fits into a
     * buffer frames arrive in several, see {@link Packet#next}. Needs {@link PortFeature#MTU_SET}. Errors as for
     * {@link #promiscuous}.
     *
     * @param bytes 68 to {@link #maxMtu}
     * @throws IllegalArgumentException if it is outside
     */
    default void changeMtu(int bytes) throws IOException {
        throw lacks(PortFeature.MTU_SET);
    }

    /**
     * Takes the tags of VLANs out of received frames, or leaves them in, as at first; {@link Packet#vlan} has them then.
     * Needs {@link PortFeature#VLAN_STRIP}. Errors as for {@link #promiscuous}.
     */
    default void vlanStripping(boolean on) throws IOException {
        throw lacks(PortFeature.VLAN_STRIP);
    }

    /** Returns which pause frames (IEEE 802.3, annex 31B) the port heeds and sends. */
    default FlowControl flowControl() {
        return FlowControl.NONE;
    }

    /**
     * Chooses which pause frames the port heeds and sends. Needs {@link PortFeature#FLOW_CONTROL}. Errors as for
     * {@link #promiscuous}.
     */
    default void changeFlowControl(FlowControl flowControl) throws IOException {
        throw lacks(PortFeature.FLOW_CONTROL);
    }

    /** Returns how received frames are spread over the queue pairs, if that can be chosen. */
    default Optional<ReceiveSpread> receiveSpread() {
        return Optional.empty();
    }

    /**
     * Chooses how received frames are spread over the queue pairs. Needs {@link PortFeature#RECEIVE_SPREAD}. Errors as for
     * {@link #promiscuous}.
     *
     * @throws IllegalArgumentException if key or table have another size than those that {@link #receiveSpread} returns,
     *     or the table names a queue that is not there
     */
    default void changeReceiveSpread(ReceiveSpread spread) throws IOException {
        throw lacks(PortFeature.RECEIVE_SPREAD);
    }

    /**
     * Returns the counters of one queue pair since the binding began. Needs {@link PortFeature#QUEUE_STATISTICS}.
     *
     * @param queue from 0, see {@link PortQueue#index}
     * @throws UnsupportedOperationException if the port lacks the feature
     * @throws IndexOutOfBoundsException if there is no such queue
     */
    default PortStatistics statistics(int queue) {
        throw lacks(PortFeature.QUEUE_STATISTICS);
    }

    /**
     * Returns all that driver and device count since the binding began, by name, in an order that suits readers; empty if
     * there is nothing beyond {@link #statistics()}. Names are those of the datasheet, in lower case, with underscores.
     */
    default SequencedMap<String, Long> counters() {
        return new LinkedHashMap<>();
    }

    /**
     * Has interrupts come at least so far apart, to save processor time at the price of latency; zero for as they come.
     * Needs {@link PortFeature#INTERRUPT_THROTTLING}. Errors as for {@link #promiscuous}.
     *
     * @param interval rounded up to what the device can do
     * @throws IllegalArgumentException if it is negative or longer than the device can do; the message has the limit
     */
    default void throttleInterrupts(Duration interval) throws IOException {
        throw lacks(PortFeature.INTERRUPT_THROTTLING);
    }

    /**
     * Resets the device and brings it back with all that has been chosen. Open queues stay open; frames that the device had
     * are lost, no buffer is. Needs {@link PortFeature#RESET}.
     *
     * @throws UnsupportedOperationException if the port lacks the feature
     * @throws IOException if the device does not come back; the binding ends then and is made anew
     * @throws org.busbar.device.DeviceTimeoutException if that takes too long
     * @throws InterruptedException if the thread is interrupted
     */
    default void reset(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException {
        throw lacks(PortFeature.RESET);
    }

    /**
     * Lets the port's light blink, so that somebody finds it, or no longer. Needs {@link PortFeature#LED}. Errors as for
     * {@link #promiscuous}.
     */
    default void identify(boolean on) throws IOException {
        throw lacks(PortFeature.LED);
    }

    private UnsupportedOperationException lacks(PortFeature feature) {
        return new UnsupportedOperationException(name() + " lacks " + feature);
    }

    /** Told of changes of the link. */
    @FunctionalInterface
    interface LinkListener {
        /** Called after the link has changed. */
        void linkChanged(LinkState state);
    }
}
