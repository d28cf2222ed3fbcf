package org.busbar.emulator.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.function.EmulatedFunction;
import org.busbar.pci.serve.FunctionServer;
import org.busbar.pci.serve.ServedEndpoint;
import org.jspecify.annotations.Nullable;

/** A card in a slot, the function that it appears as, and where that is served to other processes. Thread-safe. */
final class Occupant {

    private final int slot;
    private final Card card;
    private final EmulatedFunction function;
    private final AtomicReference<@Nullable ServedEndpoint> endpoint = new AtomicReference<>();

    Occupant(int slot, Card card, EmulatedFunction function) {
        this.slot = slot;
        this.card = card;
        this.function = function;
    }

    Card card() {
        return card;
    }

    EmulatedFunction function() {
        return function;
    }

    /** Returns where it is served, if it is. */
    Optional<Path> socket() {
        return Optional.ofNullable(endpoint.get()).map(ServedEndpoint::socket);
    }

    void requireNotServed() {
        socket().ifPresent(socket -> {
            throw new IllegalStateException(
                    "the card in slot " + slot + " is served at " + socket + "; unserve it first");
        });
    }

    /**
     * Takes the card from its driver and serves it. The socket is made first, and kept from clients until the driver has let
     * go: what may fail comes first.
     *
     * @return what is to be done when the card has left the bus, for clients to have it
     */
    Runnable serve(FunctionServer server, Path directory, Deadline deadline)
            throws IOException, DeviceTimeoutException, InterruptedException {
        requireNotServed();
        ServedCard served = new ServedCard(function);
        ServedEndpoint made = server.serve(directory, served);
        boolean done = false;
        try {
            function.eject(deadline);
            done = endpoint.compareAndSet(null, made);
            requireNotServedBy(done);
            return served::ready;
        } finally {
            if (!done) {
                made.close();
            }
        }
    }

    private void requireNotServedBy(boolean me) {
        if (!me) {
            throw new IllegalStateException("the card in slot " + slot + " is served already");
        }
    }

    /** Hangs up on the client. Afterwards drivers may have the card. */
    void unserve() {
        ServedEndpoint open = endpoint.get();
        if (open == null) {
            throw new IllegalStateException("the card in slot " + slot + " is not served");
        }
        open.close();
        function.giveBack();
        endpoint.compareAndSet(open, null);
    }

    /** Cuts the card off and stops it. */
    void discard() {
        function.cutOff();
        ServedEndpoint open = endpoint.get();
        if (open != null) {
            open.close();
        }
        function.switchOff();
    }
}
