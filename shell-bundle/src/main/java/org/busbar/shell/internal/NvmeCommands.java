package org.busbar.shell.internal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.block.BlockDevice;
import org.busbar.shell.internal.text.HexDump;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Table;
import org.busbar.shell.internal.text.Times;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Block devices: the namespaces of NVMe controllers. */
@Component(service = NvmeCommands.class, property = {
    "osgi.command.scope=nvme",
    "osgi.command.function=list",
    "osgi.command.function=read",
    "osgi.command.function=names"
})
public final class NvmeCommands {

    private static final long MOST_BYTES = 64 << 10;

    private final Map<ServiceReference<BlockDevice>, BlockDevice> devices = new ConcurrentSkipListMap<>();

    @Reference(service = BlockDevice.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, unbind = "leave")
    void come(ServiceReference<BlockDevice> reference, BlockDevice device) {
        devices.put(reference, device);
    }

    void leave(ServiceReference<BlockDevice> reference) {
        devices.remove(reference);
    }

    /** A block device in its JSON form. */
    private record View(String name, long size, long blocks, int blockSize, String model, String serial) {}

    @Descriptor("lists the block devices that drivers offer")
    public String list(
            @Descriptor("JSON instead of a table") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        List<View> views = new ArrayList<>();
        devices.forEach((reference, device) -> views.add(new View(
                device.name(),
                device.blockCount() * device.blockSize(),
                device.blockCount(),
                device.blockSize(),
                text(reference, BlockDevice.MODEL),
                text(reference, BlockDevice.SERIAL))));
        views.sort(Comparator.comparing(View::name));
        if (json) {
            return Json.of(views);
        }
        Table table = new Table("NAME", "SIZE", "BLOCKS", "MODEL", "SERIAL");
        views.forEach(view -> table.row(
                view.name(),
                Times.bytes(view.size()),
                view.blocks() + " x " + view.blockSize(),
                view.model(),
                view.serial()));
        return table.size() == 0 ? "no block devices" : table.toString();
    }

    private static String text(ServiceReference<?> reference, String property) {
        Object value = reference.getProperty(property);
        return value == null ? "" : value.toString();
    }

    @Descriptor("reads a block and shows it in hex")
    public String read(
            @Descriptor("name, see nvme:list") String name,
            @Descriptor("number of the first block, from 0") long block) {
        return read(name, block, 1);
    }

    @Descriptor("reads blocks and shows them in hex")
    public String read(
            @Descriptor("name, see nvme:list") String name,
            @Descriptor("number of the first block, from 0") long block,
            @Descriptor("how many blocks") int count) {
        BlockDevice device = device(name);
        long bytes = (long) count * device.blockSize();
        if (count < 1 || bytes > MOST_BYTES) {
            throw new Failure(
                    "between 1 and " + MOST_BYTES / device.blockSize() + " blocks can be shown, not " + count);
        }
        ByteBuffer data = ByteBuffer.allocate((int) bytes);
        Verb.run(() -> device.read(block, data, Verb.deadline()));
        return HexDump.of(data.array(), block * device.blockSize());
    }

    @Descriptor("returns the names of all block devices, for scripts and completion")
    public List<String> names() {
        return devices.values().stream().map(BlockDevice::name).sorted().toList();
    }

    private BlockDevice device(String name) {
        return devices.values()
                .stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Failure("there is no block device '" + name + "'; nvme:list shows the "
                        + devices.size() + " that there are"));
    }
}
