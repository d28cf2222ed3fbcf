package org.busbar.lab.compliance;

import java.util.Map;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;

/** Creation and deletion of I/O queues (sections 5.3 to 5.6), doorbells (3.1.24, 3.1.25), and I/O through them. */
final class QueueCases {

    private static final int DELETE_SUBMISSION = 0x00;
    private static final int CREATE_SUBMISSION = 0x01;
    private static final int DELETE_COMPLETION = 0x04;
    private static final int CREATE_COMPLETION = 0x05;
    private static final int EVENT_REQUEST = 0x0c;
    private static final int READ = 0x02;

    private static final int CONTIGUOUS = 1;
    private static final int ENTRIES = 16;

    private QueueCases() {}

    static Map<String, Case> all() {
        return Map.ofEntries(
                Map.entry("create-completion-queue", QueueCases::completionQueue),
                Map.entry("create-submission-queue", QueueCases::submissionQueue),
                Map.entry("queue-contiguous", QueueCases::contiguous),
                Map.entry("queue-created-twice", QueueCases::twice),
                Map.entry("delete-admin-queues", QueueCases::deleteAdmin),
                Map.entry("delete-submission-queue-twice", QueueCases::deleteTwice),
                Map.entry("delete-completion-queue-first", QueueCases::deleteCompletionFirst),
                Map.entry("queue-pairs-at-most", QueueCases::most),
                Map.entry("completion-queue-shared", QueueCases::shared),
                Map.entry("doorbell-invalid", QueueCases::doorbells),
                Map.entry("io-invalid", QueueCases::io),
                Map.entry("shutdown-and-back", QueueCases::shutdown));
    }

    private static Command create(int opcode, int id, int entries, long address, int cdw11) {
        return new Command(opcode).prp(address, 0).cdw(10, (entries - 1) << 16 | id).cdw(11, cdw11);
    }

    private static Command delete(int opcode, int id) {
        return new Command(opcode).cdw(10, id);
    }

    static Ring createCompletion(RawController c, int id, int entries)
            throws DmaException, NotCompliantException, DeviceTimeoutException, InterruptedException {
        Ring ring = c.newRing(2 * id + 1, entries, Ring.COMPLETION_BYTES);
        Command command = create(CREATE_COMPLETION, id, entries, ring.address(), CONTIGUOUS);
        Expect.status(c, "Create I/O Completion Queue " + id, command, Expect.SUCCESS);
        return ring;
    }

    static Ring createSubmission(RawController c, int id, int entries, int completionQueue)
            throws DmaException, NotCompliantException, DeviceTimeoutException, InterruptedException {
        Ring ring = c.newRing(2 * id, entries, Command.BYTES);
        Command command =
                create(CREATE_SUBMISSION, id, entries, ring.address(), completionQueue << 16 | CONTIGUOUS);
        Expect.status(c, "Create I/O Submission Queue " + id, command, Expect.SUCCESS);
        return ring;
    }

    /** Section 5.3: identifier, size, vector. */
    private static void completionQueue(RawController c) throws Exception {
        long memory = c.allocate(4096).address();
        Expect.status(
                c,
                "a completion queue 0",
                create(CREATE_COMPLETION, 0, ENTRIES, memory, CONTIGUOUS),
                Expect.INVALID_QUEUE_IDENTIFIER);
        Expect.status(
                c,
                "a completion queue 0xffff",
                create(CREATE_COMPLETION, 0xffff, ENTRIES, memory, CONTIGUOUS),
                Expect.INVALID_QUEUE_IDENTIFIER);
        Expect.status(
                c,
                "a completion queue of one entry",
                create(CREATE_COMPLETION, 1, 1, memory, CONTIGUOUS),
                Expect.INVALID_QUEUE_SIZE);
        if (c.maxEntries() < 1 << 16) {
            Expect.status(
                    c,
                    "a completion queue of CAP.MQES + 1 entries",
                    create(CREATE_COMPLETION, 1, c.maxEntries() + 1, memory, CONTIGUOUS),
                    Expect.INVALID_QUEUE_SIZE);
        }
        int interrupts = 2;
        Expect.status(
                c,
                "a completion queue with vector 0xffff",
                create(CREATE_COMPLETION, 1, ENTRIES, memory, 0xffff << 16 | interrupts | CONTIGUOUS),
                Expect.INVALID_VECTOR);
    }

    /** Section 5.4: completion queue, identifier, size. */
    private static void submissionQueue(RawController c) throws Exception {
        createCompletion(c, 1, ENTRIES);
        long memory = c.allocate(4096).address();
        int behindFirst = 1 << 16 | CONTIGUOUS;
        Expect.status(
                c,
                "a submission queue with completion queue 0",
                create(CREATE_SUBMISSION, 1, ENTRIES, memory, CONTIGUOUS),
                Expect.INVALID_COMPLETION_QUEUE);
        Expect.status(
                c,
                "a submission queue with a completion queue that is not there",
                create(CREATE_SUBMISSION, 1, ENTRIES, memory, 2 << 16 | CONTIGUOUS),
                Expect.INVALID_COMPLETION_QUEUE);
        Expect.status(
                c,
                "a submission queue 0",
                create(CREATE_SUBMISSION, 0, ENTRIES, memory, behindFirst),
                Expect.INVALID_QUEUE_IDENTIFIER);
        Expect.status(
                c,
                "a submission queue 0xffff",
                create(CREATE_SUBMISSION, 0xffff, ENTRIES, memory, behindFirst),
                Expect.INVALID_QUEUE_IDENTIFIER);
        Expect.status(
                c,
                "a submission queue of one entry",
                create(CREATE_SUBMISSION, 1, 1, memory, behindFirst),
                Expect.INVALID_QUEUE_SIZE);
    }

    /** CAP.CQR: without PC the queue is in pages that a list names, which such a controller has to refuse. */
    private static void contiguous(RawController c) throws Exception {
        if (!c.isContiguousRequired()) {
            return;
        }
        long memory = c.allocate(4096).address();
        Expect.status(
                c,
                "a completion queue without PC",
                create(CREATE_COMPLETION, 1, ENTRIES, memory, 0),
                Expect.INVALID_FIELD);
        createCompletion(c, 1, ENTRIES);
        Expect.status(
                c,
                "a submission queue without PC",
                create(CREATE_SUBMISSION, 1, ENTRIES, memory, 1 << 16),
                Expect.INVALID_FIELD);
    }

    private static void twice(RawController c) throws Exception {
        createCompletion(c, 1, ENTRIES);
        createSubmission(c, 1, ENTRIES, 1);
        long memory = c.allocate(4096).address();
        Expect.status(
                c,
                "completion queue 1 once more",
                create(CREATE_COMPLETION, 1, ENTRIES, memory, CONTIGUOUS),
                Expect.INVALID_QUEUE_IDENTIFIER);
        Expect.status(
                c,
                "submission queue 1 once more",
                create(CREATE_SUBMISSION, 1, ENTRIES, memory, 1 << 16 | CONTIGUOUS),
                Expect.INVALID_QUEUE_IDENTIFIER);
    }

    /** Sections 5.5 and 5.6 have "invalid queue identifier" only; QEMU says "invalid completion queue" of the latter. */
    private static void deleteAdmin(RawController c) throws Exception {
        Expect.status(
                c,
                "deletion of the admin submission queue",
                delete(DELETE_SUBMISSION, 0),
                Expect.INVALID_QUEUE_IDENTIFIER);
        Expect.status(
                c,
                "deletion of the admin completion queue",
                delete(DELETE_COMPLETION, 0),
                Expect.INVALID_QUEUE_IDENTIFIER,
                Expect.INVALID_COMPLETION_QUEUE);
    }

    private static void deleteTwice(RawController c) throws Exception {
        createCompletion(c, 1, ENTRIES);
        createSubmission(c, 1, ENTRIES, 1);
        Expect.status(c, "deletion of submission queue 1", delete(DELETE_SUBMISSION, 1), Expect.SUCCESS);
        Expect.status(
                c,
                "its deletion once more",
                delete(DELETE_SUBMISSION, 1),
                Expect.INVALID_QUEUE_IDENTIFIER);
    }

    /** Section 5.5: submission queues go first. */
    private static void deleteCompletionFirst(RawController c) throws Exception {
        createCompletion(c, 1, ENTRIES);
        createSubmission(c, 1, ENTRIES, 1);
        Expect.status(
                c,
                "deletion of a completion queue that is in use",
                delete(DELETE_COMPLETION, 1),
                Expect.INVALID_QUEUE_DELETION);
        Expect.status(c, "deletion of the submission queue", delete(DELETE_SUBMISSION, 1), Expect.SUCCESS);
        Expect.status(c, "deletion of the completion queue", delete(DELETE_COMPLETION, 1), Expect.SUCCESS);
    }

    /** Section 5.21.1.7: so many as were granted can be made, and not one more. */
    private static void most(RawController c) throws Exception {
        int granted = Expect.status(
                c, "the number of queues", FeatureCases.setFeature(7, 0xfffe << 16 | 0xfffe), Expect.SUCCESS).result();
        int pairs = Math.min(granted & 0xffff, granted >>> 16) + 1;
        for (int id = 1; id <= pairs; id++) {
            createCompletion(c, id, 2);
            createSubmission(c, id, 2, id);
        }
        if ((granted & 0xffff) == granted >>> 16) {
            long memory = c.allocate(4096).address();
            Expect.status(
                    c,
                    "one completion queue too many",
                    create(CREATE_COMPLETION, pairs + 1, 2, memory, CONTIGUOUS),
                    Expect.INVALID_QUEUE_IDENTIFIER);
        }
    }

    /** Section 4.1: several submission queues may have their completions in one. */
    private static void shared(RawController c) throws Exception {
        Ring completions = createCompletion(c, 1, ENTRIES);
        Ring first = createSubmission(c, 1, ENTRIES, 1);
        Ring second = createSubmission(c, 2, ENTRIES, 1);
        DmaBuffer data = c.allocate(4096);
        for (int round = 0; round < 3 * ENTRIES; round++) {
            int queue = 1 + round % 2;
            (queue == 1 ? first : second).submit(read(data, 0), round);
            Completion done = Expect.status("a read", c.await(completions), Expect.SUCCESS);
            Expect.equal("SQID", done.sqid(), queue);
            Expect.equal("CID", done.cid(), round);
        }
    }

    private static Command read(DmaBuffer data, long block) {
        return new Command(READ)
                .nsid(1)
                .prp(data.address(), 0)
                .cdw(10, (int) block)
                .cdw(11, (int) (block >>> 32))
                .cdw(12, 0);
    }

    /** Section 5.2.1, figure 147: writes to doorbells that are not there, and values out of range, are events. */
    private static void doorbells(RawController c) throws Exception {
        createCompletion(c, 1, ENTRIES);
        createSubmission(c, 1, ENTRIES, 1);
        int event = requestEvent(c);
        c.ring(2 * 1, ENTRIES);
        Completion told = Expect.status("the event", c.await(event), Expect.SUCCESS);
        Expect.equal("type of the event for a value out of range", told.result() & 7, 0);
        Expect.equal("information of the event for a value out of range", told.result() >>> 8 & 0xff, 1);
        DmaBuffer log = c.allocate(4096);
        Expect.status(c, "the error log", FeatureCases.getLog(0x01, 0xffff_ffff, log, 64), Expect.SUCCESS);
        event = requestEvent(c);
        c.ring(2 * 5, 1);
        told = Expect.status("the event", c.await(event), Expect.SUCCESS);
        Expect.equal("type of the event for a queue that is not there", told.result() & 7, 0);
        Expect.equal("information of the event for a queue that is not there", told.result() >>> 8 & 0xff, 0);
    }

    /**
     * Returns an event request that the controller has taken. Written doorbells and fetched commands are in no order, and a
     * controller may report an event only while it has a request for one; a later command that is done shows that it has.
     */
    private static int requestEvent(RawController c)
            throws NotCompliantException, DeviceTimeoutException, InterruptedException {
        int event = c.submit(new Command(EVENT_REQUEST));
        Expect.status(c, "the number of queues", FeatureCases.getFeature(7), Expect.SUCCESS);
        return event;
    }

    /** Section 6: I/O commands that name wrong things fail one by one and leave the queue in order. */
    private static void io(RawController c) throws Exception {
        Ring completions = createCompletion(c, 1, ENTRIES);
        Ring submissions = createSubmission(c, 1, ENTRIES, 1);
        DmaBuffer data = c.allocate(4096);
        submissions.submit(read(data, 1L << 60), 1);
        Expect.status("a read behind the end", c.await(completions), Expect.LBA_OUT_OF_RANGE);
        submissions.submit(read(data, 0).nsid(0), 2);
        Expect.status("a read of namespace 0", c.await(completions), Expect.INVALID_NAMESPACE);
        submissions.submit(read(data, 0).nsid(0xffff_fff0), 3);
        Expect.status("a read of a namespace that is not there", c.await(completions), Expect.INVALID_NAMESPACE);
        submissions.submit(new Command(0x7f).nsid(1), 4);
        Expect.status("I/O opcode 0x7f", c.await(completions), Expect.INVALID_OPCODE);
        submissions.submit(read(data, 0), 5);
        Expect.status("a read after all that", c.await(completions), Expect.SUCCESS);
    }

    /** Section 7.6.2: after a shutdown the controller takes no commands until it is reset, and then it does. */
    private static void shutdown(RawController c) throws Exception {
        createCompletion(c, 1, ENTRIES);
        c.shutDown();
        c.restart();
        IdentifyCases.controllerField(c, 516, 4);
        createCompletion(c, 1, ENTRIES);
    }
}
