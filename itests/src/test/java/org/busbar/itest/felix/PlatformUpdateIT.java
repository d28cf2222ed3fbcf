package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.streamBundle;

import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.busbar.itest.felix.agent.AgentActivator;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * The bundles that everybody depends on are replaced in the running framework. This class must not touch the project's
 * API packages, or it would be refreshed along with them; an agent does.
 */
@RunWith(PaxExam.class)
public class PlatformUpdateIT {

    private static final String SLOT_1 = "e000:01:00.0";
    private static final String SLOT_2 = "e000:02:00.0";

    @Rule
    public final Timeout timeout = Timeout.builder().withTimeout(120, TimeUnit.SECONDS).build();

    @Configuration
    public Option[] framework() {
        BundleJar agent = BundleJar.named("agent")
                .imports("org.busbar.block,org.busbar.device,org.osgi.framework")
                .header("Bundle-Activator", AgentActivator.class.getName())
                .classes(AgentActivator.class);
        return new Option[] {
            Felix.options(),
            frameworkProperty("busbar.rack").value("1=nvme:size=2M;2=nvme:size=2M"),
            bundle(Felix.jar("nvme-driver-bundle").toUri().toString()),
            streamBundle(agent.open())
        };
    }

    @Test
    public void L6_coreIsReplaced() throws Exception {
        replace(Felix.CORE, "core-bundle");
    }

    @Test
    public void L6_pciIsReplaced() throws Exception {
        replace(Felix.PCI, "pci-bundle");
    }

    @Test
    public void L6_emulatorIsReplaced() throws Exception {
        replace(Felix.EMULATOR, "emulator-bundle");
    }

    /** Updates a bundle and refreshes all that depend on it, twice; each time all cards are driven again. */
    private void replace(String symbolicName, String artifact) throws Exception {
        BundleContext context = FrameworkUtil.getBundle(getClass()).getBundleContext();
        Bundle bundle = Arrays.stream(context.getBundles())
                .filter(candidate -> symbolicName.equals(candidate.getSymbolicName()))
                .findFirst()
                .orElseThrow();
        awaitIo(context);
        for (int patch = 1; patch <= 2; patch++) {
            WeakReference<ClassLoader> old = new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader());
            bundle.update(BundleJar.copyOf(Felix.jar(artifact)).version("0.2." + patch).open());
            refresh(context, bundle);
            awaitIo(context);
            assertThat(bundle.getVersion().toString()).isEqualTo("0.2." + patch);
            assertThat(Arrays.stream(context.getBundles()).filter(b -> b.getState() != Bundle.ACTIVE)).isEmpty();
            Eventually.await("the old class loader to be garbage", () -> {
                System.gc();
                return old.get() == null;
            });
        }
    }

    private static void awaitIo(BundleContext context) {
        for (String address : List.of(SLOT_1, SLOT_2)) {
            Eventually.await(
                    "verified I/O on " + address,
                    () -> ask(context, address).equals("verified"),
                    () -> ask(context, address));
        }
    }

    @SuppressWarnings("rawtypes")
    private static String ask(BundleContext context, String address) {
        try {
            for (ServiceReference<Function> reference : context.getServiceReferences(
                    Function.class, "(" + AgentActivator.AGENT + "=block)")) {
                Function agent = context.getService(reference);
                if (agent != null) {
                    try {
                        @SuppressWarnings("unchecked") // as the agent registers it
                        Object answer = agent.apply(address);
                        return answer.toString();
                    } finally {
                        context.ungetService(reference);
                    }
                }
            }
            return "no agent";
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static void refresh(BundleContext context, Bundle bundle) throws InterruptedException {
        FrameworkWiring wiring = context.getBundle(0).adapt(FrameworkWiring.class);
        assertThat(wiring.getDependencyClosure(List.of(bundle)))
                .as("bundles that are refreshed, this test not among them")
                .doesNotContain(FrameworkUtil.getBundle(PlatformUpdateIT.class));
        CountDownLatch done = new CountDownLatch(1);
        wiring.refreshBundles(List.of(bundle), event -> done.countDown());
        assertThat(done.await(Eventually.LIMIT.toMillis(), TimeUnit.MILLISECONDS)).as("refreshed").isTrue();
    }
}
