package org.busbar.shell.nvme.internal.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.nvme.NvmeController;
import org.busbar.shell.internal.text.HexDump;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Table;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.nvme.internal.Devices;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Block devices: the namespaces of NVMe controllers. */
@Component(service = NvmeCommands.class, property = {
    "osgi.command.scope=nvme",
    "osgi.command.function=list",
    "osgi.command.function=read",
    "osgi.command.function=names"
})
public final class NvmeCommands {

    private static final long MOST_BYTES = 64 << 10;
    private static final long PATIENCE_MILLIS = 60_000;

    private final Devices devices;
    private final Controllers controllers;

    @Activate
    public NvmeCommands(@Reference Devices devices, @Reference Controllers controllers) {
        this.devices = devices;
        this.controllers = controllers;
    }

    /** A block device in its JSON form. */
    private record View(
            String name,
            long size,
            long blocks,
            int blockSize,
            int metadata,
            String model,
            String serial,
            String firmware) {

        static View of(Devices.Found found, Map<String, String> firmware) {
            BlockDevice device = found.device();
            return new View(
                    device.name(),
                    found.bytes(),
                    device.blockCount(),
                    device.blockSize(),
                    device.features().metadata().bytes(),
                    found.model(),
                    found.serial(),
                    firmware.getOrDefault(device.name().replaceFirst("/.*", ""), ""));
        }

        String format() {
            return blocks + " x " + blockSize + (metadata == 0 ? "" : "+" + metadata);
        }
    }

    @Descriptor("lists the block devices that drivers offer")
    public String list(
            @Descriptor("JSON instead of a table") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        List<View> views = views();
        if (json) {
            return Json.of(views);
        }
        Table table = new Table("NAME", "SIZE", "BLOCKS", "MODEL", "SERIAL", "FIRMWARE");
        views.forEach(view -> table.row(
                view.name(),
                Times.bytes(view.size()),
                view.format(),
                view.model(),
                view.serial(),
                view.firmware()));
        return table.size() == 0 ? "no block devices" : table.toString();
    }

    private List<View> views() {
        Map<String, String> firmware = controllers.all()
                .stream()
                .collect(Collectors.toMap(
                        NvmeController::name, controller -> controller.identity().firmware(), (one, other) -> one));
        return devices.all().stream().map(found -> View.of(found, firmware)).toList();
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
        BlockDevice device = devices.find(name).device();
        long bytes = (long) count * device.blockSize();
        if (count < 1 || bytes > MOST_BYTES) {
            throw new CommandFailure(
                    "between 1 and " + MOST_BYTES / device.blockSize() + " blocks can be shown, not " + count);
        }
        ByteBuffer data = ByteBuffer.allocate((int) bytes);
        try {
            device.read(block, data, Deadline.afterMillis(PATIENCE_MILLIS));
        } catch (IOException | IllegalArgumentException | DeviceGoneException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
        return HexDump.of(data.array(), block * device.blockSize());
    }

    @Descriptor("returns the names of all block devices, for scripts and completion")
    public List<String> names() {
        return devices.all().stream().map(found -> found.device().name()).toList();
    }
}
