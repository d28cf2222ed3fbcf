package org.busbar.port;

import java.util.List;
import java.util.SequencedMap;
import org.busbar.net.NetworkPort;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A network port, known by the permanent Ethernet address of its card, whoever drives it and whichever slot it is in. An OSGi
 * service under this type only: who looks for {@link NetworkPort} does not find the same card twice.
 *
 * <p>While its card has no driver, because that is replaced or the card is out, frames are lost, as networks lose them: {@code
 * transmit} accepts and drops them and counts them, with their packets back in their pool; {@code receive} yields nothing;
 * the link is down. Methods of its queues never throw {@link org.busbar.device.DeviceGoneException} for that.
 *
 * <p>When a driver is there again, what was chosen by methods of this port is chosen again before a frame passes: address,
 * MTU, pause frames, VLANs, groups, promiscuity, interrupts, spread. What the card that is there now cannot do is
 * {@link #shortfalls}. Its open queues are queues of the new driver then, each with its number. Counters go on from where
 * they were.
 *
 * <p>Queues are for one thread at a time each, as those of a driver, and as fast. Their packets are always of a pool of the
 * application's, or of one that is made for the queue, never of a device's: their data stay accessible.
 *
 * <p>The promises one by one: docs/hot-swap.md. Thread-safe.
 */
@ProviderType
public interface Port extends NetworkPort {

    /** Service property: {@link #identity}. */
    String IDENTITY = "port.identity";

    /** Service property: the {@link PortState} by name. */
    String STATE = "port.state";

    /** Service property: after how long without a card a port is absent, in milliseconds ({@code Long}). */
    String HOLD = "port.hold";

    /** Returns the lasting identity: the permanent address of the card, in the form of {@code MacAddress#toString}. */
    String identity();

    /** Returns whether frames pass. */
    PortState state();

    /** Returns the cards with this identity that have a driver now, also those that are not used, with the reason. */
    List<PortCard> cards();

    /** Returns what was chosen, by name, in words: what every driver is told that comes. */
    SequencedMap<String, String> settings();

    /** Returns what was chosen and is not in force, since the card that is there now cannot do it, by name, with the reason. */
    SequencedMap<String, String> shortfalls();

    /** Returns what has happened so far. */
    PortHistory history();
}
