package org.busbar.itest.felix.driver;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** The NVMe driver, with a defect at every so many requests of a binding. In a bundle with all that the NVMe driver has. */
public final class Faulty implements BundleActivator {

    /** Manifest header: what happens, name of a {@link Defect}. */
    public static final String DEFECT = "Test-Defect";

    /** Manifest header: at every so many requests. */
    public static final String EVERY = "Test-Every";

    private static final Set<String> REQUESTS = Set.of("read", "write", "flush");

    /** What goes wrong. */
    public enum Defect {
        /** The call of the request throws. */
        THROWS,
        /** The request is accepted, and never ends. */
        LOSES,
        /** The call of the request does not return, whatever is done about it. */
        HANGS
    }

    private Defect defect = Defect.THROWS;
    private long every;
    private final CountDownLatch never = new CountDownLatch(1);

    @Override
    public void start(BundleContext context) throws Exception {
        Dictionary<String, String> headers = context.getBundle().getHeaders("");
        defect = Defect.valueOf(headers.get(DEFECT));
        every = Long.parseLong(headers.get(EVERY));
        PciDriver nvme = (PciDriver) context.getBundle()
                .loadClass("org.busbar.driver.nvme.NvmeDriver")
                .getConstructor(Map.class)
                .newInstance(Map.of());
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(PciDriver.NAME, "faulty");
        properties.put("pci.match.classes", new String[] {"010802"});
        context.registerService(PciDriver.class, new Driver(nvme), properties);
    }

    @Override
    public void stop(BundleContext context) {
        never.countDown(); // the threads of a test are not left behind
    }

    /** Gives the NVMe driver a context that replaces what it publishes. */
    public final class Driver implements PciDriver {

        private final PciDriver nvme;

        Driver(PciDriver nvme) {
            this.nvme = nvme;
        }

        @Override
        public DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
            AtomicLong requests = new AtomicLong();
            return nvme.probe(proxy(PciDeviceContext.class, (self, method, args) -> {
                if (method.getName().equals("publish") && args[0] == BlockDevice.class) {
                    args[1] = device((BlockDevice) args[1], requests);
                }
                return call(context, method, args);
            }));
        }
    }

    private BlockDevice device(BlockDevice real, AtomicLong requests) {
        return proxy(BlockDevice.class, (self, method, args) -> {
            Object result = call(real, method, args);
            return result instanceof BlockQueue queue ? queue(queue, requests) : result;
        });
    }

    private BlockQueue queue(BlockQueue real, AtomicLong requests) {
        return proxy(BlockQueue.class, (self, method, args) -> {
            if (REQUESTS.contains(method.getName()) && requests.incrementAndGet() % every == 0) {
                // No switch: that would be a class more, which nobody puts into the bundle.
                if (defect == Defect.THROWS) {
                    throw new IllegalStateException("that was request " + requests);
                } else if (defect == Defect.LOSES) {
                    return true;
                }
                awaitWhateverComes();
            }
            return call(real, method, args);
        });
    }

    private void awaitWhateverComes() {
        while (never.getCount() > 0) {
            try {
                never.await();
            } catch (InterruptedException ignored) {
                // It hangs.
            }
        }
    }

    private static Object call(Object real, Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(real, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(
                Faulty.class.getClassLoader(), new Class<?>[] {type},
                (self, method, args) -> switch (method.getName()) {
                    case "equals" -> self == args[0];
                    case "hashCode" -> System.identityHashCode(self);
                    case "toString" -> "faulty " + type.getSimpleName();
                    default -> handler.invoke(self, method, args);
                }));
    }
}
