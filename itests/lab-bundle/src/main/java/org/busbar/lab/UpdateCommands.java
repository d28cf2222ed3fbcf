package org.busbar.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Updates of bundles while their devices are in use. */
@Component(service = UpdateCommands.class, immediate = true, property = {
    "osgi.command.scope=lab",
    "osgi.command.function=renew"
})
public final class UpdateCommands {

    private static final long DEADLINE_SECONDS = 60;

    private final BundleContext context;

    @Activate
    public UpdateCommands(BundleContext context) {
        this.context = context;
    }

    @Descriptor("update a bundle with a jar, and refresh it, so that the next one has a class loader of its own")
    public String renew(String symbolicName, String jar) throws IOException, BundleException, InterruptedException {
        Bundle bundle = Arrays.stream(context.getBundles())
                .filter(candidate -> symbolicName.equals(candidate.getSymbolicName()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no bundle " + symbolicName));
        long began = System.nanoTime();
        try (InputStream in = Files.newInputStream(Path.of(jar))) {
            bundle.update(in);
        }
        CountDownLatch refreshed = new CountDownLatch(1);
        context.getBundle(0)
                .adapt(FrameworkWiring.class)
                .refreshBundles(List.of(bundle), event -> refreshed.countDown());
        if (!refreshed.await(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(symbolicName + " is not refreshed within " + DEADLINE_SECONDS + " s");
        }
        return symbolicName + " updated within " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) + " ms";
    }
}
