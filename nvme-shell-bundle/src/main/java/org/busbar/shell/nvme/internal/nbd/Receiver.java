package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.busbar.device.Deadline;

/** Reads a connection's requests, looks whether they can be carried out, and hands them to the executor. */
final class Receiver {

    private static final int SKIP = 64 << 10;

    private final Wire wire;
    private final Offer offer;
    private final Requests requests;
    private final Inbox inbox;
    private final ByteBuffer header = ByteBuffer.allocateDirect(Nbd.REQUEST_BYTES);

    Receiver(Wire wire, Offer offer, Requests requests, Inbox inbox) {
        this.wire = wire;
        this.offer = offer;
        this.requests = requests;
        this.inbox = inbox;
    }

    /** Reads until the client has said goodbye, or the connection is closed. */
    void run() throws IOException, InterruptedException {
        while (wire.readFirst(header.clear())) {
            Deadline deadline = Deadline.after(offer.limits().stall());
            wire.readFully(header, deadline);
            int magic = header.flip().getInt();
            if (magic != Nbd.REQUEST_MAGIC) {
                throw new ProtocolException("a request that begins with 0x" + Integer.toHexString(magic));
            }
            Request request = requests.take();
            if (request == null) {
                return;
            }
            request.read(header);
            if (request.type == Nbd.CMD_DISC) {
                requests.release(request);
                return;
            }
            RequestCheck.check(request, offer);
            if (!data(request)) {
                requests.release(request);
                return;
            }
            inbox.put(request);
        }
    }

    /** Gets memory for the data, and reads those that are to be written; returns whether the connection goes on. */
    private boolean data(Request request) throws IOException, InterruptedException {
        boolean write = request.type == Nbd.CMD_WRITE;
        if (request.error != Nbd.OK) {
            if (write) {
                skip(request.unsignedLength());
            }
            return true;
        }
        if (!write && !request.isRead()) {
            return true;
        }
        if (!requests.allot(request, request.length)) {
            return false;
        }
        if (write) {
            wire.readFully(request.data, Deadline.after(offer.limits().stall()));
        }
        return true;
    }

    /** Reads data that nobody wants, so that the next request is found. */
    private void skip(long bytes) throws IOException {
        if (bytes > Nbd.MOST_PAYLOAD) {
            throw new ProtocolException("a write of " + bytes + " bytes");
        }
        Deadline deadline = Deadline.after(offer.limits().stall());
        ByteBuffer sink = ByteBuffer.allocate(SKIP);
        for (long left = bytes; left > 0; left -= SKIP) {
            wire.readFully(sink.clear().limit((int) Math.min(left, SKIP)), deadline);
        }
    }
}
