package org.busbar.driver.nvme;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeDeclinedException;
import org.busbar.device.ProbeException;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.PciDeviceContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a controller from any state to the point where it takes I/O (NVMe Base 1.4, section 7.6.1).
 *
 * <pre>
 *   RESET --> ADMIN_QUEUE --> ENABLE --> IDENTIFY --> IO_QUEUES --> NAMESPACES --> done
 * </pre>
 *
 * RESET and ENABLE may take as long as CAP.TO says, every command as long as the configuration says, and all of it as
 * long as the probe deadline leaves.
 */
final class Startup {

    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
    private static final int MAX_NAMESPACES = PrpLists.PAGE / 4;

    private enum Step {
        RESET,
        ADMIN_QUEUE,
        ENABLE,
        IDENTIFY,
        IO_QUEUES,
        NAMESPACES
    }

    private final PciDeviceContext context;
    private final NvmeConfig config;
    private final Registers registers;
    private final Health health;
    private Step step = Step.RESET;

    Startup(PciDeviceContext context, NvmeConfig config) throws ProbeException {
        this.context = context;
        this.config = config;
        try {
            this.registers = new Registers(context.bar(0));
        } catch (IOException e) {
            throw new ProbeException("cannot reach the registers: " + e.getMessage(), e);
        }
        this.health = new Health(context, registers);
    }

    Controller run() throws ProbeException, InterruptedException {
        boolean up = false;
        try {
            Controller controller = runSteps();
            up = true;
            return controller;
        } catch (DeviceTimeoutException | IOException e) {
            throw new ProbeException("step " + step + ": " + e.getMessage(), e);
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

    private Controller runSteps()
            throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        decline();

        enter(Step.RESET);
        reset();

        enter(Step.ADMIN_QUEUE);
        QueuePair pair = new QueuePair(
                0,
                AdminQueue.ENTRIES,
                context.dma().allocate(AdminQueue.ENTRIES * QueuePair.SQE),
                context.dma().allocate(AdminQueue.ENTRIES * QueuePair.CQE),
                registers);
        registers.adminQueues(AdminQueue.ENTRIES, pair.submissionAddress(), pair.completionAddress());
        DmaBuffer page = context.dma().allocate(PrpLists.PAGE);
        AdminQueue admin = new AdminQueue(pair, page, context, health);

        enter(Step.ENABLE);
        registers.enable();
        awaitReady();

        enter(Step.IDENTIFY);
        ControllerInfo info = ControllerInfo.parse(
                admin.identify(Opcode.CNS_CONTROLLER, 0, commandDeadline()), registers.minPageShift());
        LOG.info(
                "{}: {} serial {} firmware {}, NVMe {}.{}",
                context.id(),
                info.model(),
                info.serial(),
                info.firmware(),
                registers.version() >>> 16,
                registers.version() >>> 8 & 0xff);

        enter(Step.IO_QUEUES);
        int granted = numberOfQueues(admin);
        if (registers.completionDoorbell(granted) + Integer.BYTES > registers.bar().size()) {
            throw new ProbeException("step " + step + ": BAR0 is too small for the doorbells of " + granted
                    + " queues (CAP.DSTRD); the controller contradicts itself");
        }
        int vectors = Math.min(context.interrupts().available(), granted + 1);
        IoQueues queues = new IoQueues(admin, registers, context.dma(), granted, vectors);
        if (vectors > 0) {
            context.interrupts().enable(vectors, queues::interrupt);
        }
        Controller controller = new Controller(context, config, registers, health, info, queues);

        enter(Step.NAMESPACES);
        controller.offer(namespaces(admin, info));
        return controller;
    }

    private void decline() throws ProbeException {
        if (registers.answersNot()) {
            context.suspectGone("CAP or CSTS reads as all ones or zeros");
            throw new ProbeException("the registers do not answer; the device looks gone");
        }
        if (!registers.hasNvmCommandSet()) {
            throw new ProbeDeclinedException("the controller does not have the NVM command set (CAP.CSS)");
        }
        if (registers.minPageShift() > 12) {
            throw new ProbeDeclinedException("the controller wants memory pages of "
                    + (1 << registers.minPageShift()) + " bytes (CAP.MPSMIN); this driver uses 4096");
        }
    }

    /** CC.EN may be cleared only once CSTS.RDY has followed its setting (3.1.5), unless the controller has failed. */
    private void reset() throws DeviceTimeoutException, InterruptedException {
        if (registers.enabled()) {
            context.await(
                    "the controller to finish enabling (CSTS.RDY = 1)",
                    () -> registers.ready() || (registers.csts() & Registers.CSTS_CFS) != 0,
                    readyDeadline());
            registers.disable();
        }
        context.await("the controller to reset (CSTS.RDY = 0)", () -> !registers.ready(), readyDeadline());
    }

    private void awaitReady() throws DeviceTimeoutException, InterruptedException, ProbeException {
        context.await(
                "the controller to become ready (CSTS.RDY = 1)",
                () -> registers.ready() || (registers.csts() & Registers.CSTS_CFS) != 0,
                readyDeadline());
        if (registers.answersNot()) {
            context.suspectGone("CSTS reads as all ones");
            throw new ProbeException("step " + step + ": the registers do not answer; the device looks gone");
        }
        if ((registers.csts() & Registers.CSTS_CFS) != 0) {
            throw new ProbeException("step " + step + ": the controller reports a fatal status (CSTS.CFS)");
        }
    }

    /** Number of Queues (5.21.1.7): the counts are zero-based, submission queues low, completion queues high. */
    private int numberOfQueues(AdminQueue admin) throws NvmeException, DeviceTimeoutException, InterruptedException {
        int wanted = config.ioQueues() - 1;
        long feature = (long) (wanted << 16 | wanted) << 32 | Opcode.FEATURE_NUMBER_OF_QUEUES;
        int result =
                admin.execute("Set Features (Number of Queues)", Opcode.SET_FEATURES, 0, 0, feature, commandDeadline());
        return 1 + Math.min(wanted, Math.min(result & 0xffff, result >>> 16));
    }

    private List<NamespaceInfo> namespaces(AdminQueue admin, ControllerInfo info)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        MemorySegment list = admin.identify(Opcode.CNS_ACTIVE_NAMESPACES, 0, commandDeadline());
        List<NamespaceInfo> namespaces = new ArrayList<>();
        for (int i = 0; i < MAX_NAMESPACES; i++) {
            int nsid = list.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
            if (nsid == 0) {
                break;
            }
            NamespaceInfo namespace =
                    NamespaceInfo.parse(nsid, admin.identify(Opcode.CNS_NAMESPACE, nsid, commandDeadline()));
            namespace
                    .unsupported(info.maxTransfer())
                    .ifPresentOrElse(
                            why -> LOG.warn("{}: namespace {} is not offered: {}", context.id(), nsid, why),
                            () -> namespaces.add(namespace));
        }
        return namespaces;
    }

    private void enter(Step next) {
        step = next;
        LOG.debug("{}: {}", context.id(), next);
    }

    private Deadline readyDeadline() {
        return Deadline.afterMillis(registers.readyTimeoutMillis()).orEarlier(context.probeDeadline());
    }

    private Deadline commandDeadline() {
        return Deadline.afterMillis(config.commandTimeoutMillis()).orEarlier(context.probeDeadline());
    }
}
