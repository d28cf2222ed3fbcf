package org.busbar.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.Descriptor;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.busbar.volume.Volume;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Load on block devices. */
@Component(service = BlockCommands.class, immediate = true, property = {
    "osgi.command.scope=lab",
    "osgi.command.function=hammer",
    "osgi.command.function=progress",
    "osgi.command.function=stop",
    "osgi.command.function=ended",
    "osgi.command.function=put",
    "osgi.command.function=same"
})
public final class BlockCommands {

    private static final long DEADLINE_MILLIS = 60_000;

    private final BundleContext context;
    private final ConcurrentHashMap<String, Crew> crews = new ConcurrentHashMap<>();

    @Activate
    public BlockCommands(BundleContext context) {
        this.context = context;
    }

    @Descriptor("start verified random I/O on a volume, or the first namespace at an address")
    public void hammer(String address, int depth) throws IOException {
        hammer(address, depth, 1);
    }

    @Descriptor("start verified random I/O on several queues of the first namespace at an address")
    public void hammer(String address, int depth, int queues) throws IOException {
        crews.put(address, new Crew(device(address), depth, queues));
    }

    @Descriptor("wait until so many more requests have been done")
    public String progress(String address, long requests) throws InterruptedException {
        Crew crew = running(address);
        if (!crew.ledger().awaitDone(requests, DEADLINE_MILLIS, crew::isRunning)) {
            throw new IllegalStateException(
                    "no progress on " + address + ": " + crew.awaitEnd(1) + "; " + crew.ledger());
        }
        return crew.ledger().toString();
    }

    @Descriptor("stop the I/O on a device that is there, and check the account")
    public String stop(String address) throws InterruptedException {
        Crew crew = running(address);
        return verdict(address, crew, crew.finish(DEADLINE_MILLIS), "stopped");
    }

    @Descriptor("wait until the I/O on a device has ended because the device is gone, and check the account")
    public String ended(String address) throws InterruptedException {
        Crew crew = running(address);
        return verdict(address, crew, crew.awaitEnd(DEADLINE_MILLIS), "gone: ");
    }

    private String verdict(String address, Crew crew, String end, String wanted) {
        crews.remove(address);
        String text = address + " " + end + "; " + crew.ledger();
        if (!end.startsWith(wanted) || end.contains("failed") || !crew.ledger().isSound()) {
            throw new IllegalStateException("unsound: " + text);
        }
        return text;
    }

    @Descriptor("write a file to a device, from a block on, and flush")
    public void put(String address, long block, String file) throws IOException, InterruptedException {
        BlockDevice device = device(address);
        device.write(block, ByteBuffer.wrap(Files.readAllBytes(Path.of(file))), Deadline.afterMillis(DEADLINE_MILLIS));
        device.flush(Deadline.afterMillis(DEADLINE_MILLIS));
    }

    @Descriptor("check that a device has a file's bytes, from a block on")
    public String same(String address, long block, String file) throws IOException, InterruptedException {
        byte[] wanted = Files.readAllBytes(Path.of(file));
        ByteBuffer found = ByteBuffer.allocate(wanted.length);
        device(address).read(block, found, Deadline.afterMillis(DEADLINE_MILLIS));
        int at = Arrays.mismatch(wanted, found.array());
        if (at >= 0) {
            throw new IllegalStateException(address + " differs from " + file + " at byte " + at);
        }
        return wanted.length + " bytes are the same";
    }

    private Crew running(String address) {
        return Optional.ofNullable(crews.get(address))
                .orElseThrow(() -> new IllegalArgumentException("no I/O was started on " + address));
    }

    /** Asked of the registry: of a device that has just come, other components may be told before this one. */
    private BlockDevice device(String address) {
        List<BlockDevice> devices = devices();
        return devices.stream()
                .filter(device -> device.name().equals(address) || device.name().startsWith(address + "/"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no block device at " + address + " among " + devices));
    }

    private List<BlockDevice> devices() {
        try {
            List<ServiceReference<? extends BlockDevice>> references =
                    new ArrayList<>(context.getServiceReferences(BlockDevice.class, null));
            references.addAll(context.getServiceReferences(Volume.class, null));
            List<BlockDevice> devices = new ArrayList<>();
            for (ServiceReference<? extends BlockDevice> reference : references) {
                BlockDevice device = context.getService(reference);
                if (device != null) {
                    devices.add(device);
                }
            }
            return devices;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e); // there is no filter
        }
    }
}
