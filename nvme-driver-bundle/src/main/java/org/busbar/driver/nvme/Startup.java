package org.busbar.driver.nvme;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeException;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.NvmeEventListener;
import org.busbar.pci.Bar;
import org.busbar.pci.Inheritance;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A probe: {@link Initialization}, then queues, interrupts and services around the controller that it has brought up. */
final class Startup {

    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

    private final PciDeviceContext context;
    private final NvmeConfig config;
    private final Supplier<List<NvmeEventListener>> listeners;
    private final Registers registers;
    private final Quirks quirks;
    private final Health health;

    Startup(PciDeviceContext context, NvmeConfig config, Supplier<List<NvmeEventListener>> listeners)
            throws ProbeException {
        this.context = context;
        this.config = config;
        this.listeners = listeners;
        try {
            Bar bar = context.bar(0);
            if (bar.size() < Registers.MIN_SIZE) {
                throw new ProbeException("BAR0 has " + bar.size() + " bytes; the registers and doorbells of an NVMe"
                        + " controller need at least " + Registers.MIN_SIZE);
            }
            this.registers = new Registers(bar);
        } catch (IOException e) {
            throw new ProbeException("cannot reach the registers: " + e.getMessage(), e);
        }
        this.quirks = Quirks.of(context.device().ids());
        this.health = new Health(context, registers);
    }

    Controller run() throws ProbeException, InterruptedException {
        boolean up = false;
        try {
            Controller controller = build();
            up = true;
            return controller;
        } catch (DeviceTimeoutException | IOException | IllegalStateException e) {
            throw new ProbeException(String.valueOf(e.getMessage()), e);
        } finally {
            if (!up) {
                stop();
            }
        }
    }

    /** A probe that has failed must not leave a controller running that still has addresses of our memory. */
    private void stop() {
        try {
            if (!registers.answersNot()) {
                registers.disable();
            }
        } catch (DeviceGoneException e) {
            LOG.debug("{}: gone before it could be disabled", context.id());
        }
    }

    private Controller build() throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        Optional<Inheritance> inherited = context.inherited();
        return inherited.isPresent() ? adopt(Adoption.of(inherited.get(), registers)) : startAfresh();
    }

    private Controller startAfresh()
            throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        AdminQueue admin = adminQueue(new QueuePair(
                0,
                AdminQueue.ENTRIES,
                context.dma().allocate(Legacy.SUBMISSIONS, AdminQueue.ENTRIES * QueuePair.SQE),
                context.dma().allocate(Legacy.COMPLETIONS, AdminQueue.ENTRIES * QueuePair.CQE),
                registers));
        Initialization initialization = new Initialization(context, config, registers, quirks, admin);
        Initialization.Up up = initialization.run(context.probeDeadline());
        IoQueues queues = queues(admin, up.queues());
        queues.shareDoorbells(up.io(), context.probeDeadline());
        return publish(admin, initialization, up, queues, null);
    }

    private Controller adopt(Adoption adoption)
            throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        AdminQueue admin = adminQueue(adoption.rings());
        adoption.expectRequests(admin);
        Initialization initialization = new Initialization(context, config, registers, quirks, admin);
        Initialization.Up up = adoption.takeUp(initialization, context.probeDeadline());
        IoQueues queues = queues(admin, up.queues());
        queues.inheritDoorbells(adoption.doorbells());
        return publish(admin, initialization, up, queues, adoption.requests());
    }

    private Controller publish(
            AdminQueue admin,
            Initialization initialization,
            Initialization.Up up,
            IoQueues queues,
            @Nullable InheritedRequests requests)
            throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        ControllerIdentity identity = up.identity();
        LOG.info(
                "{}: {} serial {} firmware {}, NVMe {}, quirks {}{}",
                context.id(),
                identity.model(),
                identity.serial(),
                identity.firmware(),
                identity.version(),
                quirks,
                requests == null ? "" : ", goes on without a reset");
        Controller controller = new Controller(context, config, registers, quirks, health, up, queues);
        Management management = new Management(
                context,
                config,
                registers,
                quirks,
                admin,
                initialization,
                health,
                queues,
                identity,
                controller,
                listeners);
        controller.managedBy(management);
        queues.onAdminInterrupt(management::interrupt);
        management.start(requests, context.probeDeadline());
        return controller;
    }

    /** With as many interrupt vectors as can be had: queues without one are looked at instead. */
    private IoQueues queues(AdminQueue admin, int granted) {
        for (int vectors = Math.min(context.interrupts().available(), granted + 1); vectors > 0; vectors /= 2) {
            IoQueues queues = new IoQueues(admin, registers, context.dma(), granted, vectors);
            try {
                context.interrupts().enable(vectors, queues::interrupt);
                return queues;
            } catch (IOException e) {
                LOG.warn("{}: {} interrupt vectors cannot be had: {}", context.id(), vectors, e.getMessage());
            }
        }
        return new IoQueues(admin, registers, context.dma(), granted, 0);
    }

    private AdminQueue adminQueue(QueuePair rings) {
        return new AdminQueue(rings, context.dma(), context, health, config.commandTimeoutMillis());
    }
}
