package org.busbar.durable.internal;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.busbar.block.BlockDevice;
import org.busbar.device.ConfigValues;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.Supervisor;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes volumes of the block devices that say who they are. */
@Component(service = {}, immediate = true, configurationPid = DurableComponent.PID)
@Designate(ocd = DurableConfig.class)
public final class DurableComponent {

    static final String PID = "org.busbar.durable";

    private static final Logger LOG = LoggerFactory.getLogger(DurableComponent.class);
    private static final long DEFAULT_HOLD = 30_000;
    private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(90);
    private static final long LONGEST_HOLD = 86_400_000;

    private final ThreadWorks works = new ThreadWorks();
    private final Map<ServiceReference<BlockDevice>, Path> paths = new ConcurrentHashMap<>();
    private final Volumes volumes;
    /** Comes and goes with the core, and volumes stay. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable Supervisor supervisor;

    /** Configuration comes as a map, since a malformed value is not to keep volumes from their users. */
    @Activate
    public DurableComponent(BundleContext context, Map<String, Object> configuration) {
        ConfigValues values = new ConfigValues(configuration);
        volumes = new Volumes(works, new ServiceRegistry(context), hold(values), this::patience);
        volumes.isolate(isolate(values));
        values.problems()
                .forEach(problem -> LOG.error("malformed configuration {}, the default counts: {}", PID, problem));
    }

    private static Duration hold(ConfigValues values) {
        return Duration.ofMillis(values.number("holdMillis", 0L, LONGEST_HOLD, DEFAULT_HOLD));
    }

    private static boolean isolate(ConfigValues values) {
        return values.flag("isolate", false);
    }

    @Modified
    void modified(Map<String, Object> configuration) {
        ConfigValues values = new ConfigValues(configuration);
        Duration hold = hold(values);
        boolean isolate = isolate(values);
        if (values.problems().isEmpty()) {
            volumes.isolate(isolate);
            volumes.hold(hold);
        } else {
            LOG.error("malformed configuration {}, the previous one stays in force: {}", PID,
                    String.join("; ", values.problems()));
        }
    }

    @Deactivate
    void deactivate() {
        volumes.close();
        works.close();
    }

    @Reference(service = BlockDevice.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, target = "("
            + BlockDevice.IDENTITY + "=*)", unbind = "go", updated = "update")
    void come(ServiceReference<BlockDevice> reference, BlockDevice device) {
        try {
            Path path = new Path(
                    device, medium(reference, device), place(reference), fault -> report(reference, fault));
            paths.put(reference, path);
            volumes.come(path);
        } catch (DeviceGoneException e) {
            LOG.debug("{} was gone when it was looked at", reference, e);
        }
    }

    private void report(ServiceReference<BlockDevice> reference, String fault) {
        Supervisor core = supervisor;
        if (core != null) {
            core.report(reference, fault);
        }
    }

    private Duration patience() {
        Supervisor core = supervisor;
        return core == null ? DEFAULT_PATIENCE : core.patience();
    }

    void update(ServiceReference<BlockDevice> reference) {
        Path path = paths.get(reference);
        if (path != null) {
            volumes.changed(path);
        }
    }

    void go(ServiceReference<BlockDevice> reference) {
        Path path = paths.remove(reference);
        if (path != null) {
            volumes.go(path);
        }
    }

    private static Medium medium(ServiceReference<BlockDevice> reference, BlockDevice device) {
        return new Medium(
                text(reference, BlockDevice.IDENTITY),
                text(reference, BlockDevice.MODEL),
                text(reference, BlockDevice.SERIAL),
                Boolean.TRUE.equals(reference.getProperty(BlockDevice.SHARED)),
                device.blockSize(),
                device.features());
    }

    /** Address and generation: what no two devices ever share. */
    private static String place(ServiceReference<BlockDevice> reference) {
        String address = text(reference, "busbar.device");
        String generation = text(reference, "busbar.generation");
        return address.isEmpty() || generation.isEmpty() ? "" : address + "#" + generation;
    }

    private static String text(ServiceReference<?> reference, String property) {
        Object value = reference.getProperty(property);
        return value == null ? "" : value.toString();
    }
}
