package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.busbar.block.BlockStatus;

/**
 * What an application has asked for and been told, and what it may see because of that: a block holds what was written last,
 * unless writes to it were under way at the same time, of which any may have been the last.
 */
final class History {

    private static final long NEVER = Long.MAX_VALUE;

    /** A request. */
    static final class Request {
        final String kind;
        final long block;
        final long value;
        final long begun;
        long acknowledged = NEVER;
        boolean ended;

        Request(String kind, long block, long value, long begun) {
            this.kind = kind;
            this.block = block;
            this.value = value;
            this.begun = begun;
        }
    }

    private final List<Request> writes = new ArrayList<>();
    private final Map<Long, Request> open = new HashMap<>();
    private final List<String> log = new ArrayList<>();
    private long clock;
    private long begun;
    private long ended;

    void note(String what) {
        log.add(what);
    }

    Request begin(String kind, long tag, long block, long value) {
        Request request = new Request(kind, block, value, ++clock);
        assertThat(open.put(tag, request)).as("tag in use").isNull();
        if (kind.equals("write")) {
            writes.add(request);
        }
        begun++;
        log.add(clock + " " + kind + " tag " + tag + " block " + block + " value " + value);
        return request;
    }

    /** The application takes back what was not accepted. */
    void refused(long tag) {
        Request request = open.remove(tag);
        writes.remove(request);
        begun--;
        log.add(clock + " refused tag " + tag);
    }

    Request end(long tag, BlockStatus status) {
        Request request = open.remove(tag);
        assertThat(request).as("the request of tag %d has ended before; %s", tag, log).isNotNull();
        assertThat(request.ended).isFalse();
        request.ended = true;
        ended++;
        clock++;
        if (status == BlockStatus.OK) {
            request.acknowledged = clock;
        }
        log.add(clock + " ended tag " + tag + " " + status);
        return request;
    }

    /** Checks what a read that ends now has seen. */
    void saw(Request read, long value) {
        expect(read.block, value, read.begun);
    }

    /** Checks what is stored when nothing is under way. */
    void stored(long block, long value) {
        expect(block, value, ++clock);
    }

    private void expect(long block, long value, long since) {
        Request write = writes.stream().filter(w -> w.block == block && w.value == value).findFirst().orElse(null);
        assertThat(value == 0 || write != null).as("block %d holds %d; %s", block, value, log).isTrue();
        long acknowledged = write == null ? 0 : write.acknowledged;
        for (Request later : writes) {
            boolean replaced =
                    later.block == block && later.begun > acknowledged && later.acknowledged < since;
            assertThat(replaced)
                    .as("block %d holds %d, which was replaced by %d before; %s", block, value, later.value, log)
                    .isFalse();
        }
    }

    /** Whether the write of a value had been acknowledged at a time; nothing, 0, always was. */
    boolean wasAcknowledgedBefore(long block, long value, long time) {
        return value == 0
                || writes.stream().anyMatch(w -> w.block == block && w.value == value && w.acknowledged < time);
    }

    boolean isOpen(long tag) {
        return open.containsKey(tag);
    }

    int open() {
        return open.size();
    }

    void expectAllEnded() {
        assertThat(open).as("requests that have not ended; %s", log).isEmpty();
        assertThat(ended).isEqualTo(begun);
    }

    @Override
    public String toString() {
        return log.toString();
    }
}
