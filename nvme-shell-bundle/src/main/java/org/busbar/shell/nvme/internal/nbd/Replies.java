package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.busbar.device.Deadline;

/**
 * Gathers replies and writes them together (sections «Simple reply message» and «Structured reply chunk message»). For the
 * executor's thread.
 */
final class Replies {

    private static final int MOST_TEXT = 256;

    private final Wire wire;
    private final Offer offer;
    private final boolean structured;
    private final Requests requests;
    private final Request[] gathered;
    private final ByteBuffer[] buffers;
    private int count;
    private int bufferCount;

    Replies(Wire wire, Offer offer, boolean structured, Requests requests) {
        this.wire = wire;
        this.offer = offer;
        this.structured = structured;
        this.requests = requests;
        gathered = new Request[offer.limits().requests()];
        buffers = new ByteBuffer[2 * gathered.length];
    }

    /** Adds the reply to a request. */
    void add(Request request) {
        ByteBuffer head = request.reply.clear();
        if (structured && request.error != Nbd.OK) {
            error(head, request);
        } else if (structured && request.isRead()) {
            head.putInt(Nbd.CHUNK_MAGIC)
                    .putShort((short) Nbd.CHUNK_DONE)
                    .putShort((short) Nbd.CHUNK_OFFSET_DATA)
                    .putLong(request.cookie)
                    .putInt(Long.BYTES + request.length)
                    .putLong(request.offset);
        } else {
            head.putInt(Nbd.SIMPLE_REPLY_MAGIC).putInt(request.error).putLong(request.cookie);
        }
        buffers[bufferCount++] = head.flip();
        if (request.isRead() && request.error == Nbd.OK) {
            request.data.limit(request.memoryAt + request.length).position(request.memoryAt);
            buffers[bufferCount++] = request.data;
        }
        gathered[count++] = request;
    }

    private static void error(ByteBuffer head, Request request) {
        byte[] text = request.errorText.getBytes(StandardCharsets.UTF_8);
        byte[] shown = Arrays.copyOf(text, Math.min(text.length, MOST_TEXT));
        head.putInt(Nbd.CHUNK_MAGIC)
                .putShort((short) Nbd.CHUNK_DONE)
                .putShort((short) Nbd.CHUNK_ERROR)
                .putLong(request.cookie)
                .putInt(Integer.BYTES + Short.BYTES + shown.length)
                .putInt(request.error)
                .putShort((short) shown.length)
                .put(shown);
    }

    /** Writes what was gathered, and gives the requests back. */
    void flush() throws IOException {
        if (count == 0) {
            return;
        }
        try {
            wire.write(buffers, bufferCount, Deadline.after(offer.limits().stall()));
        } finally {
            for (int i = 0; i < count; i++) {
                requests.release(gathered[i]);
            }
            count = 0;
            bufferCount = 0;
        }
    }
}
