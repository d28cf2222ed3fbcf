package org.busbar.shell.internal.services;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * The services of a type, asked of the registry at each call. Listeners are told of a new service one after the other: a
 * component that waits to be told may not know yet what the user, told by another one, is already asking for. Thread-safe.
 */
public interface Services<T> {

    /** Returns those that are registered now. */
    Stream<Offered<T>> now();

    /**
     * A service and what is said of it.
     *
     * @param service the service
     * @param reference with its properties
     */
    record Offered<T>(T service, ServiceReference<?> reference) {

        /** Returns a property as text, empty if it has none of this name. */
        public String text(String property) {
            Object value = reference.getProperty(property);
            return value == null ? "" : value.toString();
        }
    }

    /** Returns the services of a type, as a bundle sees them. They stay in its use until they go or it stops. */
    static <T> Services<T> of(BundleContext context, Class<T> type) {
        return named(context, type.getName(), type);
    }

    /**
     * Returns the services that are registered under the name of a class which need not be there.
     *
     * @param type what they are taken for; others are left out
     */
    static <T> Services<T> named(BundleContext context, String name, Class<T> type) {
        return () -> references(context, name)
                .map(reference -> offered(context, reference, type))
                .filter(Objects::nonNull);
    }

    private static Stream<ServiceReference<?>> references(BundleContext context, String name) {
        try {
            ServiceReference<?>[] found = context.getServiceReferences(name, null);
            return found == null ? Stream.empty() : Arrays.stream(found);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e); // there is no filter
        }
    }

    private static <T> @Nullable Offered<T> offered(BundleContext context, ServiceReference<?> reference,
            Class<T> type) {
        Object service = context.getService(reference); // null if it has gone meanwhile
        return type.isInstance(service) ? new Offered<>(type.cast(service), reference) : null;
    }
}
