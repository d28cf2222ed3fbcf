package org.busbar.shell.nvme.internal.nbd;

import java.util.concurrent.atomic.LongAdder;

/** What the clients of an export have done. Thread-safe. */
final class Statistics {

    private final LongAdder requests = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder bytesRead = new LongAdder();
    private final LongAdder bytesWritten = new LongAdder();

    void count(Request request) {
        requests.increment();
        if (request.error != Nbd.OK) {
            errors.increment();
        } else if (request.isRead()) {
            bytesRead.add(request.length);
        } else if (request.type == Nbd.CMD_WRITE) {
            bytesWritten.add(request.length);
        }
    }

    long requests() {
        return requests.sum();
    }

    long errors() {
        return errors.sum();
    }

    long bytesRead() {
        return bytesRead.sum();
    }

    long bytesWritten() {
        return bytesWritten.sum();
    }
}
