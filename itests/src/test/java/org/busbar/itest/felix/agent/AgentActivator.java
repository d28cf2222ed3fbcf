package org.busbar.itest.felix.agent;

import java.nio.ByteBuffer;
import java.util.Hashtable;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Registers a function that does verified I/O on a block device, given the start of the name of its PCI function. */
public final class AgentActivator implements BundleActivator {

    /** Service property by which the function is found. */
    public static final String AGENT = "agent";

    private static final long PATIENCE_MILLIS = 5000;

    @Override
    public void start(BundleContext context) {
        Function<String, String> agent = address -> verify(context, address);
        context.registerService(Function.class, agent, new Hashtable<>(Map.of(AGENT, "block")));
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters the service.
    }

    /** Returns "verified", or what is wrong. */
    private static String verify(BundleContext context, String address) {
        try {
            for (ServiceReference<BlockDevice> reference : context.getServiceReferences(
                    BlockDevice.class, "(busbar.device=" + address + "*)")) {
                BlockDevice device = context.getService(reference);
                if (device != null) {
                    return verify(device);
                }
            }
            return "no block device";
        } catch (Exception e) {
            return e.toString();
        }
    }

    private static String verify(BlockDevice device) throws Exception {
        byte[] written = new byte[device.blockSize()];
        new Random(device.hashCode()).nextBytes(written);
        Deadline deadline = Deadline.afterMillis(PATIENCE_MILLIS);
        device.write(1, ByteBuffer.wrap(written), deadline);
        ByteBuffer read = ByteBuffer.allocate(written.length);
        device.read(1, read, deadline);
        return read.flip().equals(ByteBuffer.wrap(written)) ? "verified" : "read back something else";
    }
}
