package org.busbar.shell.internal.services;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

class ServicesTest {

    private final Map<ServiceReference<?>, Object> registry = new LinkedHashMap<>();
    private final BundleContext context =
            proxy(BundleContext.class, (_, method, arguments) -> switch (method.getName()) {
                case "getServiceReferences" ->
                    registry.isEmpty() ? null : registry.keySet().toArray(ServiceReference[]::new);
                case "getService" -> registry.get(arguments[0]);
                default -> throw new UnsupportedOperationException(method.getName()); // nobody listens
            });
    private final Services<CharSequence> services = Services.of(context, CharSequence.class);

    @Test
    void aServiceIsFoundFromItsRegistrationToItsEnd() {
        assertThat(services.now()).isEmpty();
        ServiceReference<?> reference = reference("blue");
        registry.put(reference, "one");
        assertThat(services.now()).singleElement().satisfies(offered -> {
            assertThat(offered.service()).isEqualTo("one");
            assertThat(offered.reference()).isSameAs(reference);
            assertThat(offered.text("colour")).isEqualTo("blue");
            assertThat(offered.text("size")).isEmpty();
        });
        registry.clear();
        assertThat(services.now()).isEmpty();
    }

    @Test
    void aServiceThatGoesWhileItIsAskedForIsLeftOut() {
        registry.put(reference("blue"), "one");
        registry.put(reference("red"), "two");
        registry.replaceAll((reference, service) -> service.equals("one") ? new Object() : service);
        assertThat(services.now().map(Services.Offered::service)).containsExactly("two");
        registry.replaceAll((_, _) -> null);
        assertThat(services.now()).isEmpty();
    }

    private static ServiceReference<?> reference(String colour) {
        return proxy(ServiceReference.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "getProperty" -> arguments[0].equals("colour") ? colour : null;
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy.hashCode() == arguments[0].hashCode();
            case "toString" -> colour;
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
