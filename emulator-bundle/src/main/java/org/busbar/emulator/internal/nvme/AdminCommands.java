package org.busbar.emulator.internal.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.model.DmaPort;

/** The admin command set (section 5). */
final class AdminCommands {

    static final int DELETE_SQ = 0x00;
    static final int CREATE_SQ = 0x01;
    static final int GET_LOG_PAGE = 0x02;
    static final int DELETE_CQ = 0x04;
    static final int CREATE_CQ = 0x05;
    static final int IDENTIFY = 0x06;
    static final int ABORT = 0x08;
    static final int SET_FEATURES = 0x09;
    static final int GET_FEATURES = 0x0a;
    static final int EVENT_REQUEST = 0x0c;

    private static final int CONTIGUOUS = 1;
    private static final int INTERRUPTS = 1 << 1;
    private static final int RETAIN_EVENT = 1 << 15;
    private static final int ENTRY_SIZES = 0x46;

    private final NvmeRegisters registers;
    private final Queues queues;
    private final DmaPort dma;
    private final PrpList prps;
    private final IdentifyData identity;
    private final Features features;
    private final Logs logs;
    private final Events events;
    private final MemorySegment data = Arena.ofAuto().allocate(IdentifyData.SIZE, 8);

    AdminCommands(
            NvmeRegisters registers,
            Queues queues,
            DmaPort dma,
            PrpList prps,
            IdentifyData identity,
            Features features,
            Logs logs,
            Events events) {
        this.registers = registers;
        this.queues = queues;
        this.dma = dma;
        this.prps = prps;
        this.identity = identity;
        this.features = features;
        this.logs = logs;
        this.events = events;
    }

    /** Carries a command out; returns its status, or {@link Status#NONE} if it stays outstanding. */
    int execute(Command command) {
        if (command.isFusedOrSgl()) {
            return Status.INVALID_FIELD;
        }
        return switch (command.opcode()) {
            case DELETE_SQ -> deleteSubmission(command);
            case CREATE_SQ -> createSubmission(command);
            case GET_LOG_PAGE -> logPage(command);
            case DELETE_CQ -> deleteCompletion(command);
            case CREATE_CQ -> createCompletion(command);
            case IDENTIFY -> identify(command);
            case ABORT -> abort(command);
            case SET_FEATURES -> features.set(command, queues.anyIo());
            case GET_FEATURES -> features.get(command);
            case EVENT_REQUEST -> events.request(command);
            default -> Status.INVALID_OPCODE;
        };
    }

    /** Create I/O Completion Queue (section 5.3). */
    private int createCompletion(Command command) {
        int id = command.dword(10) & 0xffff;
        int size = (command.dword(10) >>> 16) + 1;
        int vector = command.dword(11) >>> 16;
        if (id == 0 || id >= NvmeRegisters.QUEUES || queues.completion(id) != null) {
            return Status.INVALID_QUEUE_ID;
        }
        if (badSize(size)) {
            return Status.INVALID_QUEUE_SIZE;
        }
        if (vector >= NvmeRegisters.QUEUES) {
            return Status.INVALID_INTERRUPT_VECTOR;
        }
        if ((command.dword(11) & CONTIGUOUS) == 0) {
            return Status.INVALID_FIELD;
        }
        if (badBase(command.prp1())) {
            return Status.PRP_OFFSET_INVALID;
        }
        queues.createCompletion(id, command.prp1(), size, vector, (command.dword(11) & INTERRUPTS) != 0);
        return Status.SUCCESS;
    }

    /** Create I/O Submission Queue (section 5.4). */
    private int createSubmission(Command command) {
        int id = command.dword(10) & 0xffff;
        int size = (command.dword(10) >>> 16) + 1;
        int completionId = command.dword(11) >>> 16;
        if (id == 0 || id >= NvmeRegisters.QUEUES || queues.submission(id) != null) {
            return Status.INVALID_QUEUE_ID;
        }
        if (completionId == 0 || completionId >= NvmeRegisters.QUEUES) {
            return Status.INVALID_QUEUE_ID;
        }
        CompletionQueue completions = queues.completion(completionId);
        if (completions == null) {
            return Status.CQ_INVALID;
        }
        if (badSize(size)) {
            return Status.INVALID_QUEUE_SIZE;
        }
        if ((command.dword(11) & CONTIGUOUS) == 0) {
            return Status.INVALID_FIELD;
        }
        if (badBase(command.prp1())) {
            return Status.PRP_OFFSET_INVALID;
        }
        queues.createSubmission(id, command.prp1(), size, completions);
        return Status.SUCCESS;
    }

    /** Delete I/O Submission Queue (section 5.6). */
    private int deleteSubmission(Command command) {
        int id = command.dword(10) & 0xffff;
        SubmissionQueue queue = id == 0 ? null : queues.submission(id);
        if (queue == null) {
            return Status.INVALID_QUEUE_ID;
        }
        queues.deleteSubmission(queue);
        return Status.SUCCESS;
    }

    /** Delete I/O Completion Queue (section 5.5). */
    private int deleteCompletion(Command command) {
        int id = command.dword(10) & 0xffff;
        CompletionQueue queue = id == 0 ? null : queues.completion(id);
        if (queue == null) {
            return Status.INVALID_QUEUE_ID;
        }
        if (queue.users() > 0) {
            return Status.INVALID_QUEUE_DELETION;
        }
        queues.deleteCompletion(queue);
        return Status.SUCCESS;
    }

    /** Identify (section 5.15). */
    private int identify(Command command) {
        int namespace = command.namespace();
        switch (command.dword(10) & 0xff) {
            case 0x00 -> {
                if (namespace != 1) {
                    return Status.INVALID_NAMESPACE;
                }
                identity.namespace(data);
            }
            case 0x01 -> identity.controller(data);
            case 0x02 -> {
                if (namespace == -1 || namespace == -2) {
                    return Status.INVALID_NAMESPACE;
                }
                identity.activeNamespaces(data, namespace);
            }
            case 0x03 -> {
                if (namespace != 1) {
                    return Status.INVALID_NAMESPACE;
                }
                identity.descriptors(data);
            }
            default -> {
                return Status.INVALID_FIELD;
            }
        }
        return dataOut(command, 0, IdentifyData.SIZE);
    }

    /** Get Log Page (section 5.14). What is asked for beyond a page's end is left as it is. */
    private int logPage(Command command) {
        int page = command.dword(10) & 0xff;
        long dwords = ((command.dword(10) >>> 16) | ((command.dword(11) & 0xffffL) << 16)) + 1;
        long offset = Integer.toUnsignedLong(command.dword(12)) | ((long) command.dword(13) << 32);
        int size = logs.fill(page, data);
        if (size == 0) {
            return Status.INVALID_LOG_PAGE;
        }
        if (offset < 0 || offset >= size || (offset & 3) != 0) {
            return Status.INVALID_FIELD;
        }
        int status = dataOut(command, offset, Math.min(4 * dwords, IdentifyData.SIZE - offset));
        if (status == Status.SUCCESS && Logs.isErrorLog(page) && (command.dword(10) & RETAIN_EVENT) == 0) {
            events.errorLogRead();
        }
        return status;
    }

    /** Abort (section 5.1): only what is held back can still be aborted. */
    private int abort(Command command) {
        int queue = command.dword(10) & 0xffff;
        int id = command.dword(10) >>> 16;
        boolean aborted;
        SubmissionQueue admin = queues.submission(0);
        if (queue == 0 && admin != null && events.abort(id)) {
            queues.hold(admin, id, Status.ABORT_REQUESTED, 0, System.nanoTime());
            aborted = true;
        } else {
            aborted = queues.abort(queue, id, Status.ABORT_REQUESTED);
        }
        command.result(aborted ? 0 : 1);
        return Status.SUCCESS;
    }

    private int dataOut(Command command, long from, long length) {
        int status = prps.gather(dma, command, length);
        return status != Status.SUCCESS ? status : prps.copyOut(dma, from == 0 ? data : data.asSlice(from, length));
    }

    /** Queue entries have 64 and 16 bytes, and a queue 2 to 1,024 of them (section 4.1.3). */
    private boolean badSize(int size) {
        return size < 2 || size > NvmeRegisters.MAX_ENTRIES || ((registers.cc() >>> 16) & 0xff) != ENTRY_SIZES;
    }

    private boolean badBase(long address) {
        long page = 1L << (12 + ((registers.cc() >>> 7) & 0xf));
        return (address & (page - 1)) != 0;
    }
}
