package org.busbar.shell.nvme.internal;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockMetadata;
import org.busbar.block.RequestOptions;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The block devices that there are, and volumes, by name. Thread-safe. */
@Component(service = Devices.class)
public final class Devices {

    /** By name, since volumes need not be there, nor their bundle. */
    private static final String VOLUME = "org.busbar.volume.Volume";

    private final Map<ServiceReference<BlockDevice>, Found> devices = new ConcurrentSkipListMap<>();
    private final BundleContext context;

    @Activate
    public Devices(BundleContext context) {
        this.context = context;
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

    @Reference(service = BlockDevice.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, unbind = "leave")
    void come(ServiceReference<BlockDevice> reference, BlockDevice device) {
        devices.put(
                reference,
                new Found(device, text(reference, BlockDevice.MODEL), text(reference, BlockDevice.SERIAL)));
    }

    void leave(ServiceReference<BlockDevice> reference) {
        devices.remove(reference);
    }

    private static String text(ServiceReference<?> reference, String property) {
        Object value = reference.getProperty(property);
        return value == null ? "" : value.toString();
    }

    /** Returns all, by name. */
    public List<Found> all() {
        return devices.values()
                .stream()
                .sorted(Comparator.comparing(found -> found.device().name()))
                .toList();
    }

    /** Returns the device or volume of a name. */
    public Found find(String name) {
        return Stream.concat(devices.values().stream(), volumes())
                .filter(found -> found.device().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("there is no block device '" + name + "'; nvme:list shows the "
                        + devices.size() + " that there are, volume:list the volumes"));
    }

    /** Not kept by references: whoever asks for a volume by name is the first to use it. */
    private Stream<Found> volumes() {
        try {
            ServiceReference<?>[] references = context.getServiceReferences(VOLUME, null);
            return references == null ? Stream.empty() : Arrays.stream(references).flatMap(this::volume);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Stream<Found> volume(ServiceReference<?> reference) {
        return context.getService(reference) instanceof BlockDevice device
                ? Stream.of(
                        new Found(device, text(reference, BlockDevice.MODEL), text(reference, BlockDevice.SERIAL)))
                : Stream.empty();
    }
}
