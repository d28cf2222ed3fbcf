package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.SharedMemoryCalls;
import org.busbar.pci.internal.sys.SocketCalls;
import org.busbar.pci.internal.sys.SocketMessages;
import org.busbar.pci.internal.vfiouser.wire.Command;
import org.busbar.pci.internal.vfiouser.wire.DeviceInfo;
import org.busbar.pci.internal.vfiouser.wire.Header;
import org.busbar.pci.internal.vfiouser.wire.InterruptInfo;
import org.busbar.pci.internal.vfiouser.wire.Message;
import org.busbar.pci.internal.vfiouser.wire.MessageSocket;
import org.busbar.pci.internal.vfiouser.wire.RegionAccess;
import org.busbar.pci.internal.vfiouser.wire.RegionInfo;
import org.busbar.pci.internal.vfiouser.wire.Version;
import org.jspecify.annotations.Nullable;

/** A server that is honest, but for what it is told to lie about. Takes one client after the other. */
final class ScriptedServer implements AutoCloseable {

    private static final long PATIENCE_MILLIS = 60_000;

    /** What is done in place of an honest reply. */
    @FunctionalInterface
    interface Lie {
        void tell(ScriptedServer server, Message question) throws IOException;
    }

    private final Map<Integer, Lie> lies;
    private final Fd listener;
    private final Thread thread;
    private final Fd wake;
    private final Fd memory;
    private @Nullable MessageSocket socket;
    private @Nullable Fd raw;
    private volatile boolean closed;

    /** @param lies by command */
    ScriptedServer(Path directory, Map<Integer, Lie> lies) throws IOException {
        this.lies = lies;
        Files.createDirectory(directory);
        listener = SocketCalls.listen(directory.resolve("cntrl"), 8);
        wake = EventCalls.eventfd("wake-up of a scripted server");
        memory = SharedMemoryCalls.create("doorbells", 0x2000, false);
        thread = Thread.ofPlatform().daemon().start(this::run);
    }

    private void run() {
        MemorySegment fds = Arena.ofAuto().allocate(EventCalls.POLLFD, 2);
        while (!closed) {
            EventCalls.setPoll(fds, 0, listener.number(), EventCalls.POLLIN);
            EventCalls.setPoll(fds, 1, wake.number(), EventCalls.POLLIN);
            int _ = EventCalls.poll(fds, -1);
            int number = SocketCalls.accept(listener);
            if (number >= 0) {
                talk(new Fd(number, "client"));
            }
        }
    }

    private void talk(Fd client) {
        raw = client;
        try (MessageSocket talking = new MessageSocket(client)) {
            socket = talking;
            while (answerNext(talking)) {
                // Until the client has had enough.
            }
        } catch (IOException | IllegalStateException e) {
            // The client has hung up on a liar.
        }
    }

    private boolean answerNext(MessageSocket talking) throws IOException {
        try (Message question = talking.receive(null)) {
            if (question == null) {
                return false;
            }
            Lie lie = question.header().isCommand() ? lies.get(question.header().command()) : null;
            if (lie != null) {
                lie.tell(this, question);
            } else if (question.header().isCommand()) {
                honest(question);
            } else {
                lies.getOrDefault(-question.header().command(), (_, _) -> {}).tell(this, question);
            }
            return true;
        }
    }

    /** Replies as a server does that has an NVMe SSD. */
    void honest(Message question) throws IOException {
        ByteBuffer payload = question.payload();
        switch (question.header().command()) {
            case Command.VERSION -> reply(question, new Version(0, 1, 8, 1 << 20).encode());
            case Command.DEVICE_GET_INFO -> reply(question, new DeviceInfo(3, 9, 5).encode());
            case Command.DEVICE_GET_REGION_INFO -> region(question, RegionInfo.decode(payload).index());
            case Command.DEVICE_GET_IRQ_INFO -> {
                int index = InterruptInfo.decode(payload).index();
                reply(question, new InterruptInfo(1, index, index == 2 ? 8 : 0).encode());
            }
            case Command.REGION_READ -> {
                RegionAccess access = RegionAccess.decode(payload);
                reply(question, data(access, access.count()));
            }
            default -> reply(question, ByteBuffer.allocate(0));
        }
    }

    /** Returns what a read of registers gives: an NVMe SSD's identity, and zeros. */
    static ByteBuffer data(RegionAccess access, int count) {
        ByteBuffer config = ByteBuffer.allocate(0x3000).order(ByteOrder.LITTLE_ENDIAN);
        if (access.region() == 7) {
            config.putShort(0, (short) 0x1b36).putShort(2, (short) 0x10).putInt(8, 0x010802_00);
        }
        byte[] bytes = new byte[count];
        config.get((int) access.offset(), bytes);
        return access.encode(count).put(bytes).flip();
    }

    private void region(Message question, int index) throws IOException {
        switch (index) {
            case 0 -> reply(question, doorbells(0x1000, 0x1000).encode(true), memory);
            case 7 -> reply(question, new RegionInfo(32, 3, 7, 256, 0, Optional.empty()).encode(false));
            default -> reply(question, new RegionInfo(32, 0, index, 0, 0, Optional.empty()).encode(false));
        }
    }

    static RegionInfo doorbells(long offset, long size) {
        return new RegionInfo(64, 15, 0, 0x2000, 0, Optional.of(List.of(new RegionInfo.Area(offset, size))));
    }

    Fd memory() {
        return memory;
    }

    void reply(Message question, ByteBuffer payload, Fd... descriptors) throws IOException {
        send(question.header().reply(payload.remaining()), payload, descriptors);
    }

    void refuse(Message question, int errno) throws IOException {
        send(question.header().failure(errno), ByteBuffer.allocate(0));
    }

    void send(Header header, ByteBuffer payload, Fd... descriptors) throws IOException {
        if (socket != null) {
            socket.send(header, payload, List.of(descriptors), Deadline.afterMillis(PATIENCE_MILLIS));
        }
    }

    /** Sends bytes as they are. */
    void sendRaw(byte[] bytes) {
        if (raw != null) {
            MemorySegment copy = Arena.ofAuto().allocate(bytes.length, 8);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
            long _ = new SocketMessages(raw, 1).send(copy, List.of());
        }
    }

    /** Ends the connection. */
    void hangUp() {
        if (socket != null) {
            socket.shutDown();
        }
    }

    @Override
    public void close() throws Exception {
        closed = true;
        EventCalls.signal(wake);
        MessageSocket talking = socket;
        if (talking != null) {
            talking.shutDown();
        }
        thread.join(PATIENCE_MILLIS);
        listener.close();
        wake.close();
        memory.close();
    }
}
