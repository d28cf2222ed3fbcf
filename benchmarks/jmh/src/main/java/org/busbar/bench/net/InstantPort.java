package org.busbar.bench.net;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.DeviceId;
import org.busbar.device.DriverBinding;
import org.busbar.device.RemovalReason;
import org.busbar.driver.nic.NicConfig;
import org.busbar.driver.nic.NicDriver;
import org.busbar.net.NetworkPort;
import org.busbar.pci.Interrupts;
import org.busbar.pci.PciDevice;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciIds;
import org.busbar.testkit.TestContext;

/** An {@link InstantNic} with the Intel driver bound to it, without interrupts. */
final class InstantPort implements AutoCloseable {

    private static final PciIds IDS = new PciIds(0x8086, 0x10d3, 0x8086, 0, 0x020000);

    final InstantNic nic = new InstantNic();
    private final TestContext context;
    private final DriverBinding binding;

    InstantPort(int number) throws Exception {
        context = new TestContext(new DeviceId("pci", "instant:" + number, 1));
        PciDevice device = answering(PciDevice.class, (method, arguments) -> switch (method) {
            case "ids" -> IDS;
            case "id" -> context.id();
            default -> throw new UnsupportedOperationException(method);
        });
        Interrupts none = answering(Interrupts.class, (method, arguments) -> switch (method) {
            case "available" -> 0;
            case "hasPin" -> false;
            default -> throw new UnsupportedOperationException(method);
        });
        PciDeviceContext grant = (PciDeviceContext) Proxy.newProxyInstance(
                InstantPort.class.getClassLoader(), new Class<?>[] {PciDeviceContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "device" -> device;
                    case "bar" -> nic;
                    case "dma" -> nic.memory;
                    case "interrupts" -> none;
                    default -> {
                        try {
                            yield method.invoke(context, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }
                });
        binding = new NicDriver(Defaults.of(NicConfig.class), new PacketPoolService()).probe(grant);
    }

    private interface Answers {
        Object to(String method, Object[] arguments);
    }

    private static <T> T answering(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answers.to(method.getName(), arguments)));
    }

    NetworkPort port() {
        return (NetworkPort) context.published().getFirst();
    }

    @Override
    public void close() throws Exception {
        binding.close(RemovalReason.DRIVER_LEFT);
        context.revoke();
        context.release();
    }
}
