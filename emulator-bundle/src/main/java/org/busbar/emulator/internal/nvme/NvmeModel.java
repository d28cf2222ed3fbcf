package org.busbar.emulator.internal.nvme;

import java.util.List;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.MsixLayout;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciIds;

/**
 * The controller: starts and stops as its registers say, fetches commands, has them carried out, posts completions. See
 * the package.
 */
public final class NvmeModel extends DeviceModel {

    private static final PciIds IDS = new PciIds(0x1b36, 0x0010, 0x1af4, 0x1100, 0x010802);
    private static final int REVISION = 2;
    private static final int BAR_SIZE = 0x4000;
    private static final long MAX_SIZE = 1L << 40;
    /** Commands that a queue may have carried out before it is another's turn. */
    private static final int BURST = 32;

    private final Card.Nvme card;
    private final BlockStorage storage;
    private final NvmeRegisters registers;
    private final Features features = new Features();
    private final Counters counters = new Counters();
    private final Logs logs = new Logs(counters);
    private final Events events = new Events();
    private final PrpList prps = new PrpList();
    private final Command command = new Command();
    private volatile NvmeFaults faults = NvmeFaults.NONE;

    private @org.jspecify.annotations.Nullable Engine engine;

    /**
     * @throws IllegalArgumentException if there cannot be such a card; the message says why
     */
    public NvmeModel(Card.Nvme card) {
        super(configuration());
        this.card = card;
        registers = new NvmeRegisters(this::wake);
        storage = storage(card);
    }

    private static ConfigImage configuration() {
        return new ConfigImage(IDS, REVISION)
                .bar(new BarInfo(0, BAR_SIZE, BarInfo.Kind.MEMORY64, false))
                .msix(0x40, new MsixLayout(NvmeRegisters.QUEUES, 0, 0x2000, 0x3000))
                .powerManagement(0x60)
                .express(0x80);
    }

    private static BlockStorage storage(Card.Nvme card) {
        if (card.blocks() > MAX_SIZE / card.blockSize()) {
            throw new IllegalArgumentException("an emulated SSD has at most 1 TiB, not " + card.blocks()
                    + " blocks of " + card.blockSize() + " bytes");
        }
        long size = card.blocks() * card.blockSize();
        return card.file()
                .<BlockStorage>map(file -> FileStorage.open(file, size))
                .orElseGet(() -> new MemoryStorage(size));
    }

    @Override
    public long read(int bar, long offset, int width) {
        return registers.read(offset, width);
    }

    @Override
    public void write(int bar, long offset, int width, long value) {
        registers.write(offset, width, value);
    }

    @Override
    public boolean supports(Fault fault) {
        return NvmeFaults.supports(fault);
    }

    @Override
    protected void faults(List<Fault> now) {
        faults = new NvmeFaults(now);
    }

    @Override
    protected long work() {
        return engine().work();
    }

    @Override
    protected void reset() {
        engine().disable();
        registers.clear();
    }

    @Override
    protected void unplugged() {
        storage.close();
    }

    /** The model is plugged in by the time its thread runs. */
    private Engine engine() {
        Engine running = engine;
        if (running == null) {
            running = new Engine();
            engine = running;
        }
        return running;
    }

    /** What runs on the device's thread. */
    private final class Engine {

        private final Queues queues = new Queues(registers, dma(), NvmeModel.this::raise);
        private final AdminCommands admin = new AdminCommands(
                registers, queues, dma(), prps, new IdentifyData(card, IDS), features, logs, events);
        private final IoCommands io =
                new IoCommands(storage, card.blockSize(), dma(), prps, features, counters);
        private int disablesSeen;
        /** Submission queues that may have commands, a bit each. */
        private long busy;

        long work() {
            control();
            if (!running()) {
                return IDLE;
            }
            report();
            busy |= registers.takeRung() & ~NvmeRegisters.HELD_BACK;
            for (long rest = busy; rest != 0; rest &= rest - 1) {
                int id = Long.numberOfTrailingZeros(rest);
                if (!serve(id)) {
                    busy &= ~(1L << id);
                }
            }
            long pause = queues.postHeld();
            if (queues.broken()) {
                fail();
            }
            queues.announce();
            return busy != 0 ? 0 : pause;
        }

        /** Follows CC.EN and CC.SHN (sections 7.6.1 and 7.6.2). */
        private void control() {
            if (stuckReset()) {
                return;
            }
            int disables = registers.disables();
            if (disables != disablesSeen) {
                disable();
                disablesSeen = disables;
            }
            int cc = registers.cc();
            if ((cc & NvmeRegisters.CC_ENABLE) != 0 && registers.csts() == 0) {
                enable(cc);
            }
            boolean shutDown = ((cc >>> 14) & 3) != 0;
            if (shutDown && (registers.csts() & NvmeRegisters.CSTS_SHUTDOWN_MASK) == 0) {
                io.flush();
                registers.csts(registers.csts() | NvmeRegisters.CSTS_SHUTDOWN_COMPLETE);
            }
        }

        private boolean running() {
            return (registers.csts()
                    & (NvmeRegisters.CSTS_READY | NvmeRegisters.CSTS_FATAL)) == NvmeRegisters.CSTS_READY;
        }

        private void enable(int cc) {
            int pageShift = 12 + ((cc >>> 7) & 0xf);
            int submissions = (registers.aqa() & 0xfff) + 1;
            int completions = (registers.aqa() >>> 16) + 1;
            long inPage = (1L << pageShift) - 1;
            boolean valid = (cc & 0x3870) == 0
                    && pageShift <= NvmeRegisters.MAX_PAGE_SHIFT
                    && submissions >= 2
                    && completions >= 2
                    && ((registers.asq() | registers.acq()) & inPage) == 0;
            if (!valid) {
                fail();
                return;
            }
            prps.page(1L << pageShift);
            queues.createSubmission(
                    0, registers.asq(), submissions, queues.createCompletion(0, registers.acq(), completions, 0, true));
            registers.csts(NvmeRegisters.CSTS_READY);
        }

        void disable() {
            queues.clear();
            events.clear();
            features.reset();
            busy = 0;
            registers.csts(0);
        }

        private void fail() {
            registers.csts(registers.csts() | NvmeRegisters.CSTS_FATAL);
        }

        /** Reports events while there are requests and room for them. */
        private void report() {
            int bad = registers.takeBadDoorbells();
            if ((bad & 1) != 0) {
                events.error(Events.INVALID_DOORBELL);
            }
            if ((bad & 2) != 0) {
                events.error(Events.INVALID_DOORBELL_VALUE);
            }
            SubmissionQueue queue = queues.submission(0);
            if (queue != null && events.reportable() && queues.hasRoomOrStalls(queue)) {
                int id = events.nextCommand();
                queues.post(queue, id, Status.SUCCESS, events.nextResult());
            }
        }

        /** Carries out commands of a queue; returns whether there may be more. */
        private boolean serve(int id) {
            for (int i = 0; i < BURST; i++) {
                SubmissionQueue queue = queues.submission(id);
                if (queue == null || queue.head() == registers.tail(id) || !queues.hasRoomOrStalls(queue)) {
                    return false;
                }
                if (!dma().read(queue.headAddress(), command.entry(), 0, Command.SIZE)) {
                    fail();
                    return false;
                }
                queue.advance();
                command.result(0);
                if (id == 0) {
                    finish(queue, admin.execute(command));
                } else {
                    finishIo(queue, io.execute(command, faults));
                }
                if (queues.broken()) {
                    return false;
                }
            }
            return true;
        }

        private void finish(SubmissionQueue queue, int status) {
            if (status == Status.NONE) {
                report();
                return;
            }
            note(queue, status);
            queues.post(queue, command.id(), status, command.result());
            if (command.opcode() == AdminCommands.GET_LOG_PAGE) {
                report();
            }
        }

        private void finishIo(SubmissionQueue queue, int status) {
            note(queue, status);
            NvmeFaults now = faults;
            if (now.nextLost()) {
                return;
            }
            if (now.delay() > 0) {
                queues.hold(queue, command.id(), status, command.result(), System.nanoTime() + now.delay());
            } else {
                queues.post(queue, command.id(), status, command.result());
            }
        }

        private void note(SubmissionQueue queue, int status) {
            if (status != Status.SUCCESS) {
                logs.error(queue.id(), command, status);
            }
        }
    }
}
