package org.busbar.pci.internal.vfiouser.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.VfioAbi;
import org.busbar.pci.internal.vfiouser.wire.Command;
import org.busbar.pci.internal.vfiouser.wire.DeviceInfo;
import org.busbar.pci.internal.vfiouser.wire.DmaMap;
import org.busbar.pci.internal.vfiouser.wire.DmaUnmap;
import org.busbar.pci.internal.vfiouser.wire.Header;
import org.busbar.pci.internal.vfiouser.wire.InterruptInfo;
import org.busbar.pci.internal.vfiouser.wire.InterruptSet;
import org.busbar.pci.internal.vfiouser.wire.MalformedMessageException;
import org.busbar.pci.internal.vfiouser.wire.Message;
import org.busbar.pci.internal.vfiouser.wire.MessageSocket;
import org.busbar.pci.internal.vfiouser.wire.RegionAccess;
import org.busbar.pci.internal.vfiouser.wire.RegionInfo;
import org.busbar.pci.internal.vfiouser.wire.Version;
import org.busbar.pci.serve.ServedFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client, from when it connects until it leaves. On the endpoint's thread; {@link #hangUp} from any. */
final class Session {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    /** How long a client may take until it begins to talk, and to take a reply. */
    private static final long PATIENCE_MILLIS = 10_000;

    private static final long RESET_MILLIS = 5_000;
    private static final int MSIX = 0x11;

    private final String name;
    private final ServedFunction served;
    private final MessageSocket socket;

    private @Nullable FunctionHandle handle;
    private @Nullable SessionRegions regions;
    private @Nullable SessionMemory memory;
    private @Nullable SessionInterrupts interrupts;

    /** What is replied to a request. */
    private record Reply(ByteBuffer payload, List<Fd> descriptors) {
        static final Reply EMPTY = new Reply(ByteBuffer.allocate(0), List.of());

        static Reply of(ByteBuffer payload) {
            return new Reply(payload, List.of());
        }
    }

    /** @param socket connected; closed when the session has run */
    Session(String name, ServedFunction served, Fd socket) {
        this.name = name;
        this.served = served;
        this.socket = new MessageSocket(socket);
    }

    /** Ends the session soon. */
    void hangUp() {
        socket.shutDown();
    }

    /** Talks to the client until it leaves. */
    void run() {
        try {
            meet();
            while (answerNext()) {
                LOG.trace("{}: answered", name);
            }
            LOG.info("{}: the client has left", name);
        } catch (IOException e) {
            LOG.warn("{}: hung up on the client: {}", name, e.getMessage());
        } finally {
            end();
        }
    }

    /** Waits for a request and answers it; returns false if there are no more. */
    private boolean answerNext() throws IOException {
        try (Message request = socket.receive(null)) {
            if (request == null) {
                return false;
            }
            answer(request);
            return true;
        }
    }

    /** Agrees on a version, and opens the function. */
    private void meet() throws IOException {
        try (Message hello = socket.receive(Deadline.afterMillis(PATIENCE_MILLIS))) {
            if (hello == null) {
                throw new IOException("it left without a word");
            }
            hello.descriptors().require("VERSION", 0, 0);
            if (hello.header().command() != Command.VERSION || !hello.header().isCommand()) {
                refuse(hello.header(), Errno.EINVAL);
                throw new MalformedMessageException(
                        "it begins with " + Command.name(hello.header().command()) + ", not with VERSION");
            }
            Version theirs = Version.decode(hello.payload());
            if (theirs.major() != Version.MAJOR) {
                refuse(hello.header(), Errno.EPROTONOSUPPORT);
                throw new MalformedMessageException("it speaks version %d.%d of the protocol, not %d.%d".formatted(
                        theirs.major(), theirs.minor(), Version.MAJOR, Version.MINOR));
            }
            open(hello.header());
            Version mine = new Version(Version.MAJOR, Math.min(Version.MINOR, theirs.minor()),
                    MessageSocket.MOST_DESCRIPTORS, MessageSocket.MOST_DATA);
            reply(hello.header(), Reply.of(mine.encode()));
        }
    }

    private void open(Header hello) throws IOException {
        try {
            SessionRegions opening = new SessionRegions(served);
            regions = opening;
            FunctionHandle opened = served.open(new Notices(), opening.doorbellMemory());
            handle = opened;
            opening.open(opened);
            memory = new SessionMemory(opened.dma());
            interrupts = new SessionInterrupts(opened.interrupts(), opened.config().find(MSIX).isPresent()
                    ? VfioAbi.VFIO_PCI_MSIX_IRQ_INDEX
                    : VfioAbi.VFIO_PCI_MSI_IRQ_INDEX);
        } catch (IOException | DeviceGoneException e) {
            refuse(hello, Errno.ENODEV);
            throw new IOException("the function cannot be opened: " + e.getMessage(), e);
        }
    }

    private void answer(Message request) throws IOException {
        Header header = request.header();
        if (!header.isCommand()) {
            throw new MalformedMessageException(
                    "it replies to " + Command.name(header.command()) + ", which nobody has asked for");
        }
        Reply reply;
        try {
            reply = carryOut(request);
        } catch (ErrnoException e) {
            LOG.debug("{}: {} is refused", name, Command.name(header.command()), e);
            refuse(header, e.errno());
            return;
        } catch (MalformedMessageException e) {
            LOG.debug("{}: {} is malformed", name, Command.name(header.command()), e);
            refuse(header, Errno.EINVAL);
            return;
        } catch (DeviceGoneException e) {
            refuse(header, Errno.ENODEV);
            throw new IOException("the function is gone: " + e.getMessage(), e);
        } catch (IOException e) {
            LOG.debug("{}: {} has failed", name, Command.name(header.command()), e);
            refuse(header, Errno.EIO);
            return;
        }
        reply(header, reply);
    }

    private Reply carryOut(Message request) throws IOException {
        int command = request.header().command();
        ByteBuffer payload = request.payload();
        if (command != Command.DMA_MAP && command != Command.DEVICE_SET_IRQS) {
            request.descriptors().require(Command.name(command), 0, 0);
        }
        return switch (command) {
            case Command.DMA_MAP -> {
                DmaMap map = DmaMap.decode(payload);
                request.descriptors().require("DMA_MAP", 1, 1);
                try (Fd file = request.descriptors().take().getFirst()) {
                    present(memory).map(map, file);
                }
                yield Reply.EMPTY;
            }
            case Command.DMA_UNMAP -> {
                DmaUnmap unmap = DmaUnmap.decode(payload);
                present(memory).unmap(unmap);
                yield Reply.of(unmap.encode());
            }
            case Command.DEVICE_GET_INFO -> {
                DeviceInfo _ = DeviceInfo.decode(payload);
                yield Reply.of(new DeviceInfo(DeviceInfo.RESET | DeviceInfo.PCI, SessionRegions.COUNT,
                        SessionInterrupts.KINDS).encode());
            }
            case Command.DEVICE_GET_REGION_INFO -> regionInfo(RegionInfo.decode(payload));
            case Command.DEVICE_GET_IRQ_INFO ->
                Reply.of(present(interrupts).info(InterruptInfo.decode(payload).index()).encode());
            case Command.DEVICE_SET_IRQS -> setInterrupts(InterruptSet.decode(payload), request);
            case Command.REGION_READ -> {
                RegionAccess access = RegionAccess.decode(payload);
                requireData(payload, 0);
                yield Reply.of(present(regions).read(access));
            }
            case Command.REGION_WRITE -> {
                RegionAccess access = RegionAccess.decode(payload);
                requireData(payload, access.count());
                present(regions).write(access, payload);
                yield Reply.of(access.encode(0).flip());
            }
            case Command.DEVICE_RESET -> {
                requireData(payload, 0);
                reset();
                yield Reply.EMPTY;
            }
            default -> throw new ErrnoException(Command.name(command), Errno.EOPNOTSUPP, name);
        };
    }

    private Reply regionInfo(RegionInfo question) throws IOException {
        SessionRegions all = present(regions);
        RegionInfo info = all.info(question.index(), question.argsz());
        boolean room = question.argsz() >= info.fullSize();
        return new Reply(info.encode(room), all.file(question.index()));
    }

    private Reply setInterrupts(InterruptSet set, Message request) throws IOException {
        List<Fd> eventfds = request.descriptors().take();
        boolean done = false;
        try {
            if ((set.flags() & InterruptSet.DATA_EVENTFD) == 0 && !eventfds.isEmpty()) {
                throw new ErrnoException("DEVICE_SET_IRQS", Errno.EINVAL, eventfds.size() + " descriptors too many");
            }
            present(interrupts).set(set, eventfds);
            done = true;
        } finally {
            if (!done) {
                eventfds.forEach(Fd::close);
            }
        }
        return Reply.EMPTY;
    }

    private void reset() throws IOException {
        try {
            present(handle).reset(Deadline.afterMillis(RESET_MILLIS));
        } catch (DeviceTimeoutException e) {
            throw new ErrnoException("DEVICE_RESET", Errno.ETIMEDOUT, String.valueOf(e.getMessage()));
        }
    }

    private static void requireData(ByteBuffer payload, int count) throws MalformedMessageException {
        if (payload.remaining() != count) {
            throw new MalformedMessageException(
                    "%d bytes of data, not %s".formatted(payload.remaining(), Integer.toUnsignedString(count)));
        }
    }

    private static <T> T present(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the session has not begun");
        }
        return part;
    }

    private void reply(Header request, Reply reply) throws IOException {
        if (request.wantsReply()) {
            socket.send(request.reply(reply.payload.remaining()), reply.payload, reply.descriptors,
                    Deadline.afterMillis(PATIENCE_MILLIS));
        }
    }

    private void refuse(Header request, int errno) throws IOException {
        if (request.wantsReply()) {
            socket.send(request.failure(errno), ByteBuffer.allocate(0), List.of(),
                    Deadline.afterMillis(PATIENCE_MILLIS));
        }
    }

    /** Takes everything back, in the order that a function needs. */
    private void end() {
        socket.close();
        if (interrupts != null) {
            interrupts.close();
        }
        if (handle != null) {
            handle.stopDma();
        }
        if (memory != null) {
            memory.close();
        }
        if (handle != null) {
            handle.closeBars();
            handle.close();
        }
        if (regions != null) {
            regions.close();
        }
    }

    /** What happens to a function ends the session: the client sees its device go. */
    private final class Notices implements FunctionNotices {

        @Override
        public void ejectRequested() {
            hangUp();
        }

        @Override
        public void ejectCancelled() {
            // The client has been hung up on; it may come back.
        }

        @Override
        public void maybeGone() {
            hangUp();
        }

        @Override
        public void error(String what) {
            LOG.warn("{}: {}", name, what);
        }
    }
}
