package org.busbar.bench.net;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;

/** Configurations with the values that they have by default. */
final class Defaults {

    private Defaults() {}

    static <A extends Annotation> A of(Class<A> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> method.getName().equals("annotationType")
                        ? type
                        : method.getDefaultValue()));
    }
}
