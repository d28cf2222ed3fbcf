package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockMetadata;
import org.busbar.block.BlockRange;
import org.busbar.block.ProtectionOptions;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.jspecify.annotations.Nullable;

/** The requests on a namespace that block, each cut into as many commands as it takes. Thread-safe. */
final class NamespaceIo {

    /** CDW12 of Write Zeroes and Verify counts blocks in 16 bits. */
    private static final int MAX_COUNT = 1 << 16;

    private static final long MAX_RANGE = 0xffff_ffffL;

    private final NamespaceInfo namespace;
    private final BlockingIo blocking;
    private final int maxBlocks;
    private final int maxRanges;
    private final CopyLimits copyLimits;

    /**
     * @param maxBlocks how many blocks one command may move
     * @param maxRanges how many ranges one command may deallocate
     * @param copyLimits what one command may copy
     */
    NamespaceIo(NamespaceInfo namespace, BlockingIo blocking, int maxBlocks, int maxRanges, CopyLimits copyLimits) {
        this.namespace = namespace;
        this.blocking = blocking;
        this.maxBlocks = maxBlocks;
        this.maxRanges = maxRanges;
        this.copyLimits = copyLimits;
    }

    /** Reads, writes or compares, from the buffers' positions on; the positions follow. */
    void transfer(
            int opcode,
            long block,
            ByteBuffer data,
            @Nullable ByteBuffer extra,
            RequestOptions options,
            Deadline deadline) throws BlockIOException, InterruptedException {
        BlockMetadata kept = namespace.metadata();
        Control control = new Control(namespace.blockSize(), kept).use(effective(options, extra != null));
        Bounce layout = Bounce.of(namespace.blockSize(), kept, control);
        int perCommand = Math.min(maxBlocks, layout.capacity());
        long next = block;
        while (data.hasRemaining()) {
            int blocks = Math.min(perCommand, data.remaining() >> namespace.blockShift());
            Move one = new Move(opcode, next, blocks, control, layout, data, extra);
            run(one, deadline);
            one.advance();
            next += blocks;
        }
    }

    /**
     * Whoever gives no metadata leaves protection information to the device; whoever gives it is to get all of it, also
     * where the device would take protection information off.
     */
    private RequestOptions effective(RequestOptions options, boolean withMetadata) {
        ProtectionOptions wanted = options.protection();
        boolean byDevice = withMetadata ? wanted.byDevice() && !namespace.metadata().isStripped(options) : true;
        if (!namespace.metadata().isProtected() || byDevice == wanted.byDevice()) {
            return options;
        }
        return options.with(
                new ProtectionOptions(
                        byDevice,
                        wanted.checkGuard(),
                        wanted.checkReference(),
                        wanted.checkApplication(),
                        wanted.applicationTag(),
                        wanted.applicationMask()));
    }

    void flush(Deadline deadline) throws BlockIOException, InterruptedException {
        plain("flush", Opcode.FLUSH, 0, 0, 0, deadline);
    }

    void writeZeroes(long block, long blocks, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        Control control = new Control(namespace.blockSize(), namespace.metadata()).use(effective(options, false));
        long end = block + blocks;
        for (long at = block; at < end;) {
            int count = (int) Math.min(MAX_COUNT, end - at);
            String what = "writing zeroes to " + count + " blocks at " + at;
            plain(what, Opcode.WRITE_ZEROES, at, control.zeroes(count), control.tags(at), deadline);
            at += count;
        }
    }

    void verify(long block, long blocks, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        Control control = new Control(namespace.blockSize(), namespace.metadata()).use(options);
        long end = block + blocks;
        for (long at = block; at < end;) {
            int count = (int) Math.min(maxBlocks, end - at);
            String what = "verifying " + count + " blocks at " + at;
            plain(what, Opcode.VERIFY, at, control.verification(count), control.tags(at), deadline);
            at += count;
        }
    }

    private void plain(String what, int opcode, long cdw10and11, long cdw12and13, long cdw14and15, Deadline deadline)
            throws BlockIOException, InterruptedException {
        run(
                request(
                        what,
                        (commands, tag) -> commands.plain(opcode, namespace.nsid(), cdw10and11, cdw12and13, cdw14and15,
                                tag)),
                deadline);
    }

    void deallocate(List<BlockRange> ranges, Deadline deadline) throws BlockIOException, InterruptedException {
        Iterator<BlockRange> pieces = new Pieces(ranges, MAX_RANGE).iterator();
        while (pieces.hasNext()) {
            List<BlockRange> some = new ArrayList<>();
            while (pieces.hasNext() && some.size() < maxRanges) {
                some.add(pieces.next());
            }
            run(
                    request(
                            "deallocating " + some,
                            (commands, tag) -> commands.deallocate(namespace.nsid(), some, tag)),
                    deadline);
        }
    }

    void copy(List<BlockRange> from, long to, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        Control control = new Control(namespace.blockSize(), namespace.metadata()).use(options);
        long perRange = Math.min(copyLimits.blocksPerRange(), copyLimits.blocks());
        List<BlockRange> some = new ArrayList<>();
        long blocks = 0;
        long target = to;
        for (BlockRange piece : new Pieces(from, perRange)) {
            if (some.size() == copyLimits.ranges() || blocks + piece.count() > copyLimits.blocks()) {
                copyOnce(some, target, control, deadline);
                target += blocks;
                blocks = 0;
                some.clear();
            }
            some.add(piece);
            blocks += piece.count();
        }
        copyOnce(some, target, control, deadline);
    }

    private void copyOnce(List<BlockRange> from, long to, Control control, Deadline deadline)
            throws BlockIOException, InterruptedException {
        run(
                request(
                        "copying " + from + " to " + to,
                        (commands, tag) -> commands.copy(namespace.nsid(), from, to, control, tag)),
                deadline);
    }

    /**
     * Runs a command, unless the namespace is detached or formatted; until it has ended, however long its caller waits,
     * neither of these begins.
     */
    private void run(BlockingIo.Request request, Deadline deadline) throws BlockIOException, InterruptedException {
        namespace.enter();
        blocking.run(request, namespace::leave, deadline);
    }

    @FunctionalInterface
    private interface Preparation {
        boolean in(NvmCommands commands, long tag);
    }

    private static BlockingIo.Request request(String text, Preparation preparation) {
        return new BlockingIo.Request() {
            @Override
            public String text() {
                return text;
            }

            @Override
            public boolean prepare(NvmCommands commands, long address, long tag) {
                return preparation.in(commands, tag);
            }
        };
    }

    /** A command that moves blocks. */
    private final class Move implements BlockingIo.Request {
        private final int opcode;
        private final long block;
        private final int blocks;
        private final Control control;
        private final Bounce layout;
        private final ByteBuffer data;
        private final @Nullable ByteBuffer extra;

        Move(
                int opcode,
                long block,
                int blocks,
                Control control,
                Bounce layout,
                ByteBuffer data,
                @Nullable ByteBuffer extra) {
            this.opcode = opcode;
            this.block = block;
            this.blocks = blocks;
            this.control = control;
            this.layout = layout;
            this.data = data;
            this.extra = extra;
        }

        @Override
        public String text() {
            String what = switch (opcode) {
                case Opcode.READ -> "read of ";
                case Opcode.WRITE -> "write of ";
                default -> "comparison of ";
            };
            return what + blocks + " blocks at " + block;
        }

        @Override
        public void fill(MemorySegment bounce) {
            if (opcode != Opcode.READ) {
                layout.fill(bounce, blocks, data, extra);
            }
        }

        @Override
        public boolean prepare(NvmCommands commands, long address, long tag) {
            long metadata = control.movesMetadata() ? address + layout.metadataOffset(blocks) : 0;
            long bytes = (long) blocks * control.bytesPerBlock();
            return commands.transfer(opcode, namespace.nsid(), block, blocks, control, address, bytes, metadata, tag);
        }

        @Override
        public void empty(MemorySegment bounce) {
            if (opcode == Opcode.READ) {
                layout.empty(bounce, blocks, data, extra);
            }
        }

        void advance() {
            data.position(data.position() + blocks * namespace.blockSize());
            if (extra != null) {
                extra.position(extra.position() + blocks * namespace.metadata().bytes());
            }
        }
    }
}
