package org.busbar.net;

import java.io.IOException;
import java.util.List;
import java.util.Set;
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
     * Opens one of the port's queue pairs, the first that is not open, for the calling thread or any one other. Release or
     * send all packets of a queue before it is closed.
     *
     * @throws IOException if all queue pairs are open already, or there is no memory for buffers; the message says which
     */
    PortQueue openQueue() throws IOException;

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
