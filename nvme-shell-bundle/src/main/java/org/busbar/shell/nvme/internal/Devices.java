package org.busbar.shell.nvme.internal;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockMetadata;
import org.busbar.block.RequestOptions;
import org.busbar.shell.internal.services.Services;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The block devices that there are, and volumes, by name. Thread-safe. */
@Component(service = Devices.class)
public final class Devices {

    /** By name, since volumes need not be there, nor their bundle. */
    private static final String VOLUME = "org.busbar.volume.Volume";

    /** What finds block devices and volumes. */
    public static final String FILTER =
            "(|(objectClass=" + BlockDevice.class.getName() + ")(objectClass=" + VOLUME + "))";

    private final Services<BlockDevice> devices;
    private final Services<BlockDevice> volumes;

    @Activate
    public Devices(BundleContext context) {
        this(Services.of(context, BlockDevice.class), Services.named(context, VOLUME, BlockDevice.class));
    }

    Devices(Services<BlockDevice> devices, Services<BlockDevice> volumes) {
        this.devices = devices;
        this.volumes = volumes;
    }

    /**
     * A block device and what is said of it.
     *
     * @param device the device
     * @param model vendor's name of the model, empty if not known
     * @param serial serial number, empty if not known
     */
    public record Found(BlockDevice device, String model, String serial) {

        /** Returns the size in bytes. */
        public long bytes() {
            return device.blockCount() * device.blockSize();
        }

        /**
         * Returns the device, of whose blocks nothing but data is read and written.
         *
         * @throws CommandFailure if its blocks carry more
         */
        public BlockDevice plain() {
            BlockMetadata metadata = device.features().metadata();
            if (metadata.inline() && !metadata.isStripped(RequestOptions.NONE)) {
                throw new CommandFailure(device.name() + " has " + metadata.bytes()
                        + " bytes of metadata in the data of each block, which this command does not deal with");
            }
            return device;
        }
    }

    private static Found found(Services.Offered<BlockDevice> offered) {
        return new Found(offered.service(), offered.text(BlockDevice.MODEL), offered.text(BlockDevice.SERIAL));
    }

    /** Returns all, by name. */
    public List<Found> all() {
        return devices.now()
                .map(Devices::found)
                .sorted(Comparator.comparing(found -> found.device().name()))
                .toList();
    }

    /** Returns the device or volume of a name. */
    public Found find(String name) {
        return Stream.concat(devices.now(), volumes.now())
                .filter(offered -> offered.service().name().equals(name))
                .findFirst()
                .map(Devices::found)
                .orElseThrow(() -> new CommandFailure("there is no block device '" + name + "'; nvme:list shows the "
                        + all().size() + " that there are, volume:list the volumes"));
    }

    /** Returns whether a device or volume is there, still or already. */
    public boolean offers(BlockDevice device) {
        return Stream.concat(devices.now(), volumes.now()).anyMatch(offered -> offered.service().equals(device));
    }
}
