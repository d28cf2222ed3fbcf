package org.busbar.port.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks something of the driver that a port has now, or of the next. Thread-safe; no driver is called under a lock. */
final class Asking {

    private static final Logger LOG = LoggerFactory.getLogger(Asking.class);

    /** How long a driver may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final DurablePort port;
    private final PortSettings settings;

    Asking(DurablePort port, PortSettings settings) {
        this.port = port;
        this.settings = settings;
    }

    /** Tells the driver, if there is one, and remembers what it has not refused. */
    void choose(Choice choice) throws IOException {
        choose(choice.kind(), choice.act(), choice.usual(), () -> settings.remember(choice));
    }

    /**
     * As {@link #choose(Choice)}.
     *
     * @param act tells a driver that was told everything before
     * @param back whether that takes back what was chosen before
     * @param remember has those told that come
     */
    void choose(Kind kind, Choice.Act act, boolean back, Runnable remember) throws IOException {
        port.requireKept();
        port.require(kind.feature());
        Card card = port.cardNow();
        try {
            if (card == null) {
                remember.run();
            } else {
                ask(card, () -> {
                    act.on(card.port());
                    remember.run();
                    settings.look(card.port());
                    return kind;
                });
            }
        } catch (DeviceGoneException _) {
            remember.run(); // for the next
        }
        Card now = port.cardNow();
        if (now != null && now != card) {
            // It was perhaps told what had been chosen before.
            now.lane().submit(() -> tellAgain(now, kind, back ? act : _ -> {}));
        }
        if (port.isUsed()) {
            port.requireKept(); // it may have been given up before it knew of the choice
        } else {
            port.unused();
        }
    }

    /** @param back takes back what is not among that which is chosen any more */
    private void tellAgain(Card card, Kind kind, Choice.Act back) {
        try {
            settings.takeBack(card.port(), kind, back);
            settings.tell(card.port());
        } catch (DeviceGoneException e) {
            LOG.debug("{}: {} was gone before it was told again", port.name(), card, e);
        }
    }

    /** Has a driver do something, in its turn. */
    <T> void ask(Card card, Callable<T> question) throws IOException {
        try {
            T _ = card.lane().call(port.name(), PATIENCE, question);
        } catch (DeviceTimeoutException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(port.name() + ": interrupted while the driver was asked", e);
        }
    }
}
