package org.busbar.driver.virtionet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeException;
import org.busbar.driver.support.Gate;
import org.busbar.driver.support.Health;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a device from any state to the point where it offers its port (3.1.1).
 *
 * <pre>
 *   RESET --> FEATURES --> ADDRESS --> QUEUES --> DRIVER_OK --> FILTERS --> done
 * </pre>
 */
final class Startup {

    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
    private static final int MSIX = 0x11;
    /** 52:54:00 with the bit for addresses that are given locally, as virtual machines have it. */
    private static final long LOCAL_PREFIX = 0x5254_0000_0000L;

    private enum Step {
        RESET,
        FEATURES,
        ADDRESS,
        QUEUES,
        DRIVER_OK,
        FILTERS
    }

    private final PciDeviceContext context;
    private final VirtioNetConfig config;
    private final DriverPools pools;
    private final Structures structures;
    private final CommonConfig common;
    private Step step = Step.RESET;
    /** Set once there is somebody to tell of interrupts. */
    private volatile @Nullable VirtioPort port;

    Startup(PciDeviceContext context, VirtioNetConfig config, DriverPools pools) throws ProbeException {
        this.context = context;
        this.config = config;
        this.pools = pools;
        structures = Structures.find(context);
        common = new CommonConfig(structures.common());
    }

    VirtioController run() throws ProbeException, InterruptedException {
        try {
            return runSteps();
        } catch (DeviceTimeoutException | IOException e) {
            giveUp();
            throw new ProbeException("step " + step + ": " + e.getMessage(), e);
        }
    }

    private VirtioController runSteps()
            throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        enter(Step.RESET);
        if (common.silent()) {
            context.suspectGone("num_queues reads as all ones or zeros");
            throw new ProbeException("step " + step + ": the registers do not answer; the device looks gone");
        }
        VirtioController.reset(
                context,
                common,
                Deadline.afterMillis(VirtioController.RESET_MILLIS).orEarlier(context.probeDeadline()));
        common.addStatus(CommonConfig.ACKNOWLEDGE);
        common.addStatus(CommonConfig.DRIVER);

        enter(Step.FEATURES);
        Features features = negotiate();

        enter(Step.ADDRESS);
        NetConfig device = new NetConfig(structures.device(), common, features);
        MacAddress mac = address(device, features);

        enter(Step.QUEUES);
        Gate gate = new Gate(context.id().address());
        Health health = new Health(context, common);
        int maxPairs = device.maxPairs();
        int count = Math.min(config.queuePairs(), maxPairs);
        int vectors = vectors(count);
        if (vectors > 0) {
            context.interrupts().enable(vectors, vector -> interrupt(vector, vectors));
            require(common.configVector(0), "an interrupt vector for changes of the configuration");
        }
        QueueSetup setup = new QueueSetup(context, structures, common, config, features);
        List<QueuePair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pairs.add(setup.pair(i, vectors == 0 ? CommonConfig.NO_VECTOR : VirtioPort.vectorOf(i, vectors)));
        }
        // Behind the pairs that the device has, not behind those that are used (5.1.2).
        ControlQueue control = features.has(Feature.CTRL_VQ) ? setup.control(2 * maxPairs, health) : null;
        VirtioPort made = new VirtioPort(
                context, config, pools, common, setup, features, device, gate, health, pairs, control, mac,
                vectors > 0);
        port = made;

        enter(Step.DRIVER_OK);
        common.addStatus(CommonConfig.DRIVER_OK);
        VirtioController controller = new VirtioController(context, common, gate, made);

        enter(Step.FILTERS);
        if (control != null && features.has(Feature.CTRL_RX)) {
            control.promiscuous(false);
            control.allMulticast(false);
        }
        context.publish(NetworkPort.class, made, Map.of(NetworkPort.MAC, mac.toString()));
        LOG.info(
                "{}: {}, link {}, {} of {} queue pairs, {}, {}",
                context.id(),
                mac,
                device.link(),
                count,
                maxPairs,
                vectors > 0 ? "MSI-X" : "polled",
                features);
        return controller;
    }

    private void interrupt(int vector, int vectors) {
        VirtioPort told = port;
        if (told != null) {
            told.interrupt(vector, vectors);
        }
    }

    /** Agrees on features, or finds that there is no agreement (2.2, 3.1.1). */
    private Features negotiate() throws ProbeException {
        long offered = common.offeredFeatures();
        Features chosen = Features.choose(offered, config);
        require(chosen.has(Feature.VERSION_1), "version 1 of the specification (VIRTIO_F_VERSION_1)");
        common.acceptFeatures(chosen.bits());
        common.addStatus(CommonConfig.FEATURES_OK);
        require(
                (common.status() & CommonConfig.FEATURES_OK) != 0,
                "this set of features: " + chosen + " of 0x" + Long.toHexString(offered));
        return chosen;
    }

    private MacAddress address(NetConfig device, Features features) throws ProbeException {
        if (!features.has(Feature.MAC)) {
            return new MacAddress(LOCAL_PREFIX | ThreadLocalRandom.current().nextInt(1 << 24));
        }
        MacAddress mac = new MacAddress(device.mac());
        if (!Choices.isStation(mac)) {
            throw new ProbeException("step " + step + ": the device has " + mac + ", which is no station's address");
        }
        return mac;
    }

    /** One vector for changes of the configuration, and one for each pair or as many as there are; 0 for polling. */
    private int vectors(int pairs) {
        boolean msix = config.interrupts() && context.config().find(MSIX).isPresent();
        return msix ? Math.min(1 + pairs, context.interrupts().available()) : 0;
    }

    private void require(boolean granted, String what) throws ProbeException {
        if (!granted) {
            giveUp();
            throw new ProbeException("step " + step + ": the device does not grant " + what);
        }
    }

    /** Tells the device that its driver has given up (2.1.1). */
    private void giveUp() {
        try {
            common.addStatus(CommonConfig.FAILED);
        } catch (DeviceGoneException e) {
            LOG.debug("{}: gone while it was being started", context.id(), e);
        }
    }

    private void enter(Step next) {
        step = next;
        LOG.debug("{}: {}", context.id(), next);
    }
}
