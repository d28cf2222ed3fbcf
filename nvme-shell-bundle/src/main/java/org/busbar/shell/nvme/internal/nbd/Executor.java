package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;

/**
 * Carries a connection's requests out, as the only user of its queue, and replies. A request that is larger than the
 * device takes at once is submitted in parts; what finds no room in the queue waits its turn.
 */
final class Executor implements BlockQueue.Completion {

    /** Drivers give up on a command well before. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final BlockQueue queue;
    private final Memory memory;
    private final Offer offer;
    private final Requests requests;
    private final Inbox inbox;
    private final Replies replies;
    private final Statistics statistics;
    private final Deque<Request> waiting = new ArrayDeque<>();
    private boolean unsubmitted;

    Executor(
            BlockQueue queue,
            Memory memory,
            Offer offer,
            Requests requests,
            Inbox inbox,
            Replies replies,
            Statistics statistics) {
        this.queue = queue;
        this.memory = memory;
        this.offer = offer;
        this.requests = requests;
        this.inbox = inbox;
        this.replies = replies;
        this.statistics = statistics;
    }

    /** Works until the inbox is closed and everything in it is done, or until it may not go on. */
    void run() throws IOException, InterruptedException, DeviceTimeoutException {
        while (!inbox.isAborted()) {
            boolean moved = take();
            moved |= submit();
            moved |= queue.inFlight() > 0 && queue.poll(this, queue.depth()) > 0;
            replies.flush();
            if (moved) {
                continue;
            }
            if (queue.inFlight() > 0) {
                inbox.awaitEither(queue, Deadline.after(PATIENCE));
            } else if (!inbox.await()) {
                return;
            }
        }
    }

    private boolean take() {
        Request request = inbox.poll();
        boolean any = request != null;
        for (; request != null; request = inbox.poll()) {
            if (request.error == Nbd.OK) {
                request.nextBlock = request.offset / offer.device().blockSize();
                request.blocksLeft = request.unsignedLength() / offer.device().blockSize();
                waiting.add(request);
            } else {
                finish(request);
            }
        }
        return any;
    }

    /** Submits as much as there is room for. */
    private boolean submit() {
        boolean any = false;
        Request request = waiting.peek();
        while (request != null && start(request)) {
            any = true;
            waiting.remove();
            if (request.underWay == 0) {
                finish(request);
            }
            request = waiting.peek();
        }
        if (unsubmitted) {
            unsubmitted = false;
            submitPrepared();
        }
        return any;
    }

    private void submitPrepared() {
        try {
            queue.submit();
        } catch (DeviceGoneException e) {
            // What was accepted before completes with GONE.
        }
    }

    /** Prepares all that is left of a request; returns false if the queue is full before. */
    private boolean start(Request request) {
        try {
            if (request.stage == Request.Stage.FLUSH || request.type == Nbd.CMD_FLUSH) {
                return prepared(request, queue.flush(request.number));
            }
            while (request.blocksLeft > 0 && request.error == Nbd.OK) {
                int blocks = (int) Math.min(request.blocksLeft, mostBlocks(request));
                if (!prepared(request, part(request, blocks))) {
                    return false;
                }
                request.nextBlock += blocks;
                request.blocksLeft -= blocks;
            }
            return true;
        } catch (DeviceGoneException e) {
            request.failed(Nbd.ESHUTDOWN, "the device is gone");
            return true;
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            request.failed(Nbd.ENOTSUP, String.valueOf(e.getMessage()));
            return true;
        }
    }

    private boolean prepared(Request request, boolean taken) {
        request.underWay += taken ? 1 : 0;
        unsubmitted |= taken;
        return taken;
    }

    private long mostBlocks(Request request) {
        return switch (request.type) {
            case Nbd.CMD_TRIM -> 0xffff_ffffL;
            case Nbd.CMD_WRITE_ZEROES -> offer.has(BlockFeature.WRITE_ZEROES) ? 65_536 : memory.zeroBlocks();
            default -> offer.device().maxBlocksPerRequest();
        };
    }

    private boolean part(Request request, int blocks) {
        long block = request.nextBlock;
        long done = block * offer.device().blockSize() - request.offset;
        MemorySegment data = memory.segment();
        return switch (request.type) {
            case Nbd.CMD_READ -> queue.read(block, blocks, data, request.memoryAt + done, request.number);
            case Nbd.CMD_WRITE -> write(request, blocks, data, request.memoryAt + done);
            case Nbd.CMD_WRITE_ZEROES -> offer.has(BlockFeature.WRITE_ZEROES)
                    ? queue.writeZeroes(block, blocks, zeroOptions(request), request.number)
                    : write(request, blocks, memory.zeroes(), 0);
            case Nbd.CMD_TRIM -> queue.deallocate(List.of(new BlockRange(block, blocks)), request.number);
            default -> throw new UnsupportedOperationException("request " + request.type);
        };
    }

    private boolean write(Request request, int blocks, MemorySegment data, long at) {
        return durableAtOnce(request)
                ? queue.write(request.nextBlock, blocks, data, at, RequestOptions.DURABLE, request.number)
                : queue.write(request.nextBlock, blocks, data, at, request.number);
    }

    private RequestOptions zeroOptions(Request request) {
        boolean sparse = !request.has(Nbd.CMD_FLAG_NO_HOLE);
        return new RequestOptions(durableAtOnce(request), false, sparse, RequestOptions.NONE.protection());
    }

    private boolean durableAtOnce(Request request) {
        return request.has(Nbd.CMD_FLAG_FUA) && offer.has(BlockFeature.FORCE_UNIT_ACCESS);
    }

    /** Returns whether a flush has to follow for a request to be durable. */
    private boolean needsFlush(Request request) {
        boolean changes = request.type == Nbd.CMD_WRITE || request.type == Nbd.CMD_WRITE_ZEROES
                || request.type == Nbd.CMD_TRIM;
        return changes && request.has(Nbd.CMD_FLAG_FUA)
                && (request.type == Nbd.CMD_TRIM || !offer.has(BlockFeature.FORCE_UNIT_ACCESS));
    }

    @Override
    public void completed(long tag, BlockStatus status) {
        completed(tag, status, -1);
    }

    @Override
    public void completed(long tag, BlockStatus status, int deviceStatus) {
        Request request = requests.get(tag);
        request.underWay--;
        if (status != BlockStatus.OK) {
            request.failed(Errors.of(status), text(status, deviceStatus));
        }
        if (request.underWay > 0 || isWaiting(request)) {
            return;
        }
        if (request.error == Nbd.OK && request.stage == Request.Stage.DATA && needsFlush(request)) {
            request.stage = Request.Stage.FLUSH;
            waiting.add(request);
        } else {
            finish(request);
        }
    }

    /** The rest of a request that did not fit in is submitted, or found to have failed, when its turn comes. */
    private boolean isWaiting(Request request) {
        return request.equals(waiting.peek());
    }

    private String text(BlockStatus status, int deviceStatus) {
        return deviceStatus > 0
                ? status.text() + ": " + offer.device().statusText(deviceStatus)
                : status.text();
    }

    private void finish(Request request) {
        statistics.count(request);
        replies.add(request);
    }
}
