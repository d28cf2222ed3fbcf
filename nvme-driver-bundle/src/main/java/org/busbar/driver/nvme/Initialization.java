package org.busbar.driver.nvme;

import java.io.IOException;
import java.time.Duration;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeDeclinedException;
import org.busbar.device.ProbeException;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.PciDeviceContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a controller from any state to the point where I/O queues can be created (NVMe Base 1.4, section 7.6.1): during
 * the probe, and again for every reset.
 *
 * <pre>
 *   CHECK --> DISABLE --> ADMIN_QUEUE --> ENABLE --> IDENTIFY --> QUEUES --> DONE
 *     |          |                          |           |           |
 *     +----------+---------- an exception that names the state -----+
 * </pre>
 *
 * <table>
 * <caption>How long each state may take</caption>
 * <tr><td>CHECK</td><td>reads registers only</td></tr>
 * <tr><td>DISABLE</td><td>CAP.TO for CSTS.RDY to rise, if it was being enabled; CAP.TO for it to fall</td></tr>
 * <tr><td>ADMIN_QUEUE</td><td>reads CAP again, since a reset may have activated other firmware; writes registers</td></tr>
 * <tr><td>ENABLE</td><td>CAP.TO, or CRTO.CRWMT if that is offered and longer</td></tr>
 * <tr><td>IDENTIFY, QUEUES</td><td>the command timeout of the configuration, per command</td></tr>
 * </table>
 *
 * And all of it as long as the caller's deadline leaves. For one thread at a time.
 */
final class Initialization {

    private static final Logger LOG = LoggerFactory.getLogger(Initialization.class);
    private static final Duration QUIRK_DELAY = Duration.ofMillis(2_300);

    enum State {
        CHECK,
        DISABLE,
        ADMIN_QUEUE,
        ENABLE,
        IDENTIFY,
        QUEUES,
        DONE
    }

    /**
     * What came of it.
     *
     * @param identity what the controller says of itself
     * @param io what it says of I/O commands
     * @param queues how many I/O queue pairs it grants
     */
    record Up(ControllerIdentity identity, IoSupport io, int queues) {}

    private final PciDeviceContext context;
    private final NvmeConfig config;
    private final Registers registers;
    private final Quirks quirks;
    private final AdminQueue admin;
    private final Identify identify;
    private volatile State state = State.CHECK;

    Initialization(
            PciDeviceContext context, NvmeConfig config, Registers registers, Quirks quirks, AdminQueue admin) {
        this.context = context;
        this.config = config;
        this.registers = registers;
        this.quirks = quirks;
        this.admin = admin;
        this.identify = new Identify(admin, registers, quirks);
    }

    State state() {
        return state;
    }

    /** @throws ProbeException if it cannot be done; the message names the state */
    Up run(Deadline whole) throws ProbeException, InterruptedException {
        try {
            return runStates(whole);
        } catch (DeviceTimeoutException | IOException e) {
            throw new ProbeException("state " + state + ": " + e.getMessage(), e);
        }
    }

    private Up runStates(Deadline whole)
            throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        enter(State.CHECK);
        check();

        enter(State.DISABLE);
        disable(whole);

        enter(State.ADMIN_QUEUE);
        registers.readCapabilities();
        check();
        admin.restart();
        QueuePair rings = admin.pair();
        registers.adminQueues(rings.entries(), rings.submissionAddress(), rings.completionAddress());

        enter(State.ENABLE);
        registers.enable();
        awaitReady(whole);

        Fields page = identify(whole);
        enter(State.QUEUES);
        return up(page, numberOfQueues(whole));
    }

    /**
     * Takes a controller up that runs, with queues that it has granted before: asks it only who it is.
     *
     * @throws ProbeException if it cannot be driven, or does not answer
     */
    Up takeUp(int granted, Deadline whole)
            throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        enter(State.CHECK);
        check();
        Fields page = identify(whole);
        enter(State.QUEUES);
        return up(page, Math.min(granted, config.ioQueues()));
    }

    private Fields identify(Deadline whole) throws IOException, DeviceTimeoutException, InterruptedException {
        enter(State.IDENTIFY);
        return identify.controllerPage(commandDeadline(whole));
    }

    private Up up(Fields page, int granted) throws ProbeException {
        ControllerIdentity identity = ControllerPage.parse(page, registers.minPageShift(), registers.version());
        admin.aborts().limit(identity.abortLimit());
        if (registers.completionDoorbell(granted) + Integer.BYTES > registers.bar().size()) {
            throw new ProbeException("state " + state + ": BAR0 is too small for the doorbells of " + granted
                    + " queues (CAP.DSTRD); the controller contradicts itself");
        }
        enter(State.DONE);
        IoSupport io = IoSupport.parse(page.page());
        return new Up(identity, quirks.has(Quirks.Quirk.NO_WRITE_ZEROES) ? io.withoutWriteZeroes() : io, granted);
    }

    private void check() throws ProbeException {
        if (registers.answersNot()) {
            context.suspectGone("CAP or CSTS reads as all ones or zeros");
            throw new ProbeException("the registers do not answer; the device looks gone");
        }
        if (!registers.hasNvmCommandSet()) {
            throw new ProbeDeclinedException("the controller does not have the NVM command set (CAP.CSS)");
        }
        if (registers.maxQueueEntries() < 2) {
            throw new ProbeException(
                    "state " + state + ": the controller's queues have one entry (CAP.MQES = 0), of which"
                            + " none can be used; the specification wants two or more");
        }
        if (registers.hasMovedDoorbells()) {
            throw new ProbeException("state " + state + ": after the reset the doorbells are elsewhere (CAP.DSTRD)");
        }
        if (registers.minPageShift() > 12) {
            throw new ProbeDeclinedException("the controller wants memory pages of "
                    + (1L << registers.minPageShift()) + " bytes (CAP.MPSMIN); this driver uses 4096");
        }
        if (quirks.has(Quirks.Quirk.NOT_NVME)) {
            throw new ProbeDeclinedException("the controller is known to differ from NVMe in its queue entries");
        }
    }

    /** CC.EN may be cleared only once CSTS.RDY has followed its setting (3.1.5), unless the controller has failed. */
    private void disable(Deadline whole) throws ProbeException, DeviceTimeoutException, InterruptedException {
        if (registers.enabled()) {
            context.await(
                    "the controller to finish enabling (CSTS.RDY = 1)",
                    () -> registers.ready() || registers.failed(),
                    Deadline.afterMillis(registers.readyMillis()).orEarlier(whole));
            registers.disable();
            keepOff();
        }
        context.await(
                "the controller to reset (CSTS.RDY = 0)",
                () -> !registers.ready() || registers.answersNot(),
                Deadline.afterMillis(registers.timeoutMillis()).orEarlier(whole));
        requireAnswers();
    }

    private void requireAnswers() throws ProbeException {
        if (registers.answersNot()) {
            context.suspectGone("CSTS reads as all ones");
            throw new ProbeException("state " + state + ": the registers do not answer; the device looks gone");
        }
    }

    private void awaitReady(Deadline whole) throws DeviceTimeoutException, InterruptedException, ProbeException {
        keepOff();
        context.await(
                "the controller to become ready (CSTS.RDY = 1)",
                () -> registers.ready() || registers.failed(),
                Deadline.afterMillis(registers.readyMillis()).orEarlier(whole));
        requireAnswers();
        if (registers.failed()) {
            throw new ProbeException("state " + state + ": the controller reports a fatal status (CSTS.CFS)");
        }
    }

    /** Some controllers hang if CSTS is read too early. */
    private void keepOff() throws DeviceTimeoutException, InterruptedException {
        if (quirks.has(Quirks.Quirk.SLOW_READY)) {
            Deadline pause = Deadline.after(QUIRK_DELAY);
            context.await(
                    "the time to pass in which this controller must not be asked",
                    pause::expired,
                    Deadline.after(QUIRK_DELAY.multipliedBy(2)));
        }
    }

    /** Number of Queues (5.21.1.7): the counts are zero-based, submission queues low, completion queues high. */
    private int numberOfQueues(Deadline whole) throws NvmeException, DeviceTimeoutException, InterruptedException {
        int wanted = config.ioQueues() - 1;
        NvmeCommand set = NvmeCommand.of(Opcode.SET_FEATURES, 0)
                .with(Opcode.FEATURE_NUMBER_OF_QUEUES, wanted << 16 | wanted, 0, 0, 0, 0);
        int result = admin.run("Set Features (Number of Queues)", set, commandDeadline(whole));
        return 1 + Math.min(wanted, Math.min(result & 0xffff, result >>> 16));
    }

    private void enter(State next) {
        state = next;
        LOG.debug("{}: {}", context.id(), next);
    }

    private Deadline commandDeadline(Deadline whole) {
        return Deadline.afterMillis(config.commandTimeoutMillis()).orEarlier(whole);
    }
}
