package org.busbar.core.internal.engine;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.busbar.core.internal.match.DriverEntry;
import org.busbar.device.RemovalReason;

/** Who has a device now. */
sealed interface Holder {

    /** Nobody. */
    record Nobody() implements Holder {}

    /** A driver that probes it. */
    record Probing(Pair pair) implements Holder {}

    /**
     * A driver that drives it.
     *
     * @param idle whether no other bundle uses what the driver has published; asked only if it matters
     * @param failure why it cannot go on, if it cannot
     */
    record Driving(Pair pair, BooleanSupplier idle, Optional<String> failure) implements Holder {}

    /** A driver that gives it up. */
    record Removing(Pair pair, RemovalReason reason) implements Holder {}

    /**
     * The bus, for a successor of the driver that has handed it over.
     *
     * @param from the driver that has
     * @param text what is kept, in words
     * @param releasing whether it is being released, since nobody has come
     */
    record Kept(DriverEntry.Identity from, String text, boolean releasing) implements Holder {}
}
