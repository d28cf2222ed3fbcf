package org.busbar.lab.compliance;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.busbar.device.DeviceTimeoutException;

/** Statuses (section 4.6.1, SCT in bits 10:8), and checks that a command ends with the right one. */
final class Expect {

    static final int SUCCESS = 0x000;
    static final int INVALID_OPCODE = 0x001;
    static final int INVALID_FIELD = 0x002;
    static final int INVALID_NAMESPACE = 0x00b;
    static final int SEQUENCE_ERROR = 0x00c;
    static final int INVALID_PRP_OFFSET = 0x013;
    static final int LBA_OUT_OF_RANGE = 0x080;
    static final int INVALID_COMPLETION_QUEUE = 0x100;
    static final int INVALID_QUEUE_IDENTIFIER = 0x101;
    static final int INVALID_QUEUE_SIZE = 0x102;
    static final int EVENT_LIMIT_EXCEEDED = 0x105;
    static final int INVALID_VECTOR = 0x108;
    static final int INVALID_LOG_PAGE = 0x109;
    static final int INVALID_FORMAT = 0x10a;
    static final int INVALID_QUEUE_DELETION = 0x10c;

    private Expect() {}

    /** Runs an admin command that has to end with one of the statuses. */
    static Completion status(RawController controller, String what, Command command, int... allowed)
            throws NotCompliantException, DeviceTimeoutException, InterruptedException {
        return status(what, controller.admin(command), allowed);
    }

    /** Checks how a command has ended. */
    static Completion status(String what, Completion completion, int... allowed) throws NotCompliantException {
        if (Arrays.stream(allowed).noneMatch(one -> one == completion.status())) {
            throw new NotCompliantException("%s ends with status %s, not %s".formatted(
                    what,
                    Completion.text(completion.status()),
                    Arrays.stream(allowed).mapToObj(Completion::text).collect(Collectors.joining(" or "))));
        }
        return completion;
    }

    static void that(boolean holds, String otherwise) throws NotCompliantException {
        if (!holds) {
            throw new NotCompliantException(otherwise);
        }
    }

    static void equal(String what, long found, long wanted) throws NotCompliantException {
        that(found == wanted, "%s is 0x%x, not 0x%x".formatted(what, found, wanted));
    }
}
