package org.busbar.shell.net.internal;

import java.io.IOException;
import java.util.Locale;
import java.util.stream.Collectors;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.shell.internal.words.CommandFailure;

/** Asks something of a port, and turns what it throws into what the console shows. */
public final class Ask {

    private Ask() {}

    /** What is asked. */
    @FunctionalInterface
    public interface Question<T> {
        /** Puts the question. */
        T put() throws IOException, DeviceTimeoutException, InterruptedException;
    }

    /** What is to be done. */
    @FunctionalInterface
    public interface Action {
        /** Does it. */
        void take() throws IOException, DeviceTimeoutException, InterruptedException;
    }

    /** Returns the answer. */
    public static <T> T of(NetworkPort port, Question<T> question) {
        try {
            return question.put();
        } catch (DeviceGoneException e) {
            throw gone(port.name(), e);
        } catch (IOException | DeviceTimeoutException | IllegalArgumentException | UnsupportedOperationException e) {
            String message = String.valueOf(e.getMessage());
            throw new CommandFailure(message.contains(port.name()) ? message : port.name() + ": " + message, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }

    /** Has a port do something. */
    public static void to(NetworkPort port, Action action) {
        of(port, () -> {
            action.take();
            return port;
        });
    }

    /**
     * Has something a feature that it needs.
     *
     * @throws CommandFailure if the port lacks it; the message lists what it has
     */
    public static void require(NetworkPort port, PortFeature feature, String what) {
        if (!port.features().contains(feature)) {
            throw new CommandFailure(port.name() + " lacks " + word(feature) + ", which " + what + " needs; it has "
                    + (port.features().isEmpty() ? "no optional features" : features(port)));
        }
    }

    /** Returns a port's features, as they are typed. */
    public static String features(NetworkPort port) {
        return port.features().stream().sorted().map(Ask::word).collect(Collectors.joining(" "));
    }

    /** Returns a constant's name as it is typed. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns what is said of a device that has gone. */
    public static CommandFailure gone(String port, DeviceGoneException cause) {
        return new CommandFailure(port + " is gone: " + cause.getMessage(), cause);
    }
}
