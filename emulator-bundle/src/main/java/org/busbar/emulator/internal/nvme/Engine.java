package org.busbar.emulator.internal.nvme;

import java.util.function.IntConsumer;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.pci.PciIds;

/**
 * The controller at work: starts and stops as its registers say, fetches commands, has them carried out, posts
 * completions. On the device's thread.
 */
final class Engine {

    /** Commands that a queue may have carried out before it is another's turn. */
    private static final int BURST = 32;
    /** Arbitration other than round robin, and command sets other than NVM (CC.AMS and CC.CSS). */
    private static final int CC_UNSUPPORTED = 0x3870;

    private final NvmeRegisters registers;
    private final Doorbells doorbells;
    private final DmaPort dma;
    private final Faults faults;
    private final Coalescing interrupts;
    private final Queues queues;
    private final Subsystem subsystem;
    private final Command command = new Command();
    private final Completion completion = new Completion();
    private int disablesSeen;
    private int subsystemResetsSeen;
    /** Since when a transition waits, 0 if none does. */
    private long transition;
    /** Submission queues that may have commands, a bit each. */
    private long busy;

    Engine(
            Card.Nvme card,
            PciIds ids,
            Namespaces namespaces,
            NvmeRegisters registers,
            Doorbells doorbells,
            DmaPort dma,
            IntConsumer raise,
            Faults faults) {
        this.registers = registers;
        this.doorbells = doorbells;
        this.dma = dma;
        this.faults = faults;
        interrupts = new Coalescing(raise);
        ShadowDoorbells shadows = new ShadowDoorbells(dma, doorbells);
        queues = new Queues(doorbells, shadows, dma, interrupts);
        subsystem = new Subsystem(card, ids, namespaces, registers, queues, interrupts, shadows, dma, faults);
    }

    Subsystem subsystem() {
        return subsystem;
    }

    /**
     * Does a bounded piece of work.
     *
     * @param stuckReset whether the ready bit is to stay as it is
     * @return as {@link DeviceModel#work}
     */
    long work(boolean stuckReset) {
        faults.refresh();
        long controlled = stuckReset ? DeviceModel.IDLE : control();
        if (!running()) {
            return controlled;
        }
        report();
        busy |= doorbells.takeRung() & ~Doorbells.HELD_BACK;
        for (long rest = busy; rest != 0; rest &= rest - 1) {
            int id = Long.numberOfTrailingZeros(rest);
            if (!serve(id) && !queues.lingers(id)) {
                busy &= ~(1L << id);
            }
        }
        long pause = queues.postHeld();
        if (queues.broken()) {
            fail();
        }
        pause = Math.min(Math.min(pause, controlled), interrupts.announce());
        return busy != 0 ? 0 : pause;
    }

    /**
     * Follows NSSR, CC.EN and CC.SHN (sections 7.3.1, 7.6.1 and 7.6.2).
     *
     * @return in how many nanoseconds it is to be looked at again, or {@link DeviceModel#IDLE}
     */
    private long control() {
        int subsystemResets = registers.subsystemResets();
        int disables = registers.disables();
        boolean enabled = (registers.cc() & NvmeRegisters.CC_ENABLE) != 0;
        boolean shutDown = ((registers.cc() >>> 14) & 3) != 0;
        boolean toReset = subsystemResets != subsystemResetsSeen;
        boolean toDisable = disables != disablesSeen;
        boolean toEnable = enabled
                && (registers.csts() & (NvmeRegisters.CSTS_READY | NvmeRegisters.CSTS_FATAL)) == 0;
        boolean toShutDown = shutDown
                && (registers.csts() & NvmeRegisters.CSTS_SHUTDOWN_MASK) != NvmeRegisters.CSTS_SHUTDOWN_COMPLETE;
        if (!toReset && !toDisable && !toEnable && !toShutDown) {
            transition = 0;
            return DeviceModel.IDLE;
        }
        long left = delay();
        if (left > 0) {
            if (toShutDown && !toReset && !toDisable) {
                registers.csts(registers.csts() | NvmeRegisters.CSTS_SHUTDOWN_OCCURRING);
            }
            return left;
        }
        transition = 0;
        if (toReset) {
            disable();
            registers.clearSubsystem();
            subsystemResetsSeen = subsystemResets;
            disablesSeen = disables;
        } else if (toDisable) {
            disable();
            disablesSeen = disables;
        } else if (toEnable) {
            enable(registers.cc());
        } else {
            subsystem.flush();
            registers.csts((registers.csts() & ~NvmeRegisters.CSTS_SHUTDOWN_MASK)
                    | NvmeRegisters.CSTS_SHUTDOWN_COMPLETE);
        }
        return 0;
    }

    /** Returns how long a transition that is due has to wait; it begins to when this is asked first. */
    private long delay() {
        long delay = faults.now().transitionDelay();
        if (delay == 0) {
            return 0;
        }
        long now = System.nanoTime();
        if (transition == 0) {
            // Never 0, which says that there is none.
            transition = now | 1;
        }
        return transition + delay - now;
    }

    private boolean running() {
        return (registers.csts()
                & (NvmeRegisters.CSTS_READY | NvmeRegisters.CSTS_FATAL)) == NvmeRegisters.CSTS_READY;
    }

    private void enable(int cc) {
        long page = registers.pageSize();
        int submissions = (registers.aqa() & 0xfff) + 1;
        int completions = (registers.aqa() >>> 16) + 1;
        boolean valid = (cc & CC_UNSUPPORTED) == 0
                && page <= 1L << NvmeRegisters.MAX_PAGE_SHIFT
                && submissions >= 2
                && completions >= 2
                && ((registers.asq() | registers.acq()) & (page - 1)) == 0;
        if (!valid) {
            fail();
            return;
        }
        subsystem.page(page);
        queues.createSubmission(
                0, registers.asq(), submissions, queues.createCompletion(0, registers.acq(), completions, 0, true));
        registers.csts(NvmeRegisters.CSTS_READY);
    }

    void disable() {
        queues.clear();
        subsystem.reset();
        busy = 0;
        transition = 0;
        registers.activate();
        registers.csts(0);
    }

    /** Nothing goes on until the next reset (section 9.5). */
    void fail() {
        registers.csts(registers.csts() | NvmeRegisters.CSTS_FATAL);
    }

    /** Reports events while there are requests and room for them. */
    private void report() {
        Events events = subsystem.events();
        int bad = doorbells.takeBad();
        if ((bad & Doorbells.NO_QUEUE) != 0) {
            events.happened(Events.ERROR, Events.INVALID_DOORBELL);
        }
        if ((bad & Doorbells.OUTSIDE) != 0) {
            events.happened(Events.ERROR, Events.INVALID_DOORBELL_VALUE);
        }
        SubmissionQueue queue = queues.submission(0);
        while (queue != null && events.reportable() && queues.hasRoomOrStalls(queue)) {
            int id = events.nextCommand();
            queues.post(queue, id, events.nextResult());
        }
    }

    /** Carries out commands of a queue; returns whether there may be more. */
    private boolean serve(int id) {
        for (int i = 0; i < BURST; i++) {
            SubmissionQueue queue = queues.submission(id);
            if (queue == null || !queues.hasCommand(queue) || !queues.hasRoomOrStalls(queue)) {
                return false;
            }
            boolean fetched = dma.read(queue.headAddress(), command.entry(), 0, Command.SIZE);
            if (!fetched || faults.now().fatal(id == 0)) {
                fail();
                return false;
            }
            queue.advance();
            command.result(0);
            finish(queue, subsystem.execute(command, id == 0));
            if (queues.broken()) {
                return false;
            }
        }
        return true;
    }

    private void finish(SubmissionQueue queue, int status) {
        boolean admin = queue.id() == 0;
        if (status != Status.NONE) {
            if (status != Status.SUCCESS) {
                subsystem.failed(queue.id(), command, status);
            }
            completion.of(command.id(), status, command.result());
            faults.now().completing(completion, admin);
            queues.complete(queue, completion);
        }
        if (admin) {
            report();
        }
    }
}
