package org.busbar.pci.internal.vfiouser.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.SocketCalls;
import org.busbar.pci.internal.sys.SocketMessages;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages and descriptors over a socket, and what a peer can do wrong with it. */
class MessageSocketTest {

    private static final long LONG_MILLIS = 60_000;

    private Fd raw;
    private MessageSocket socket;

    @BeforeEach
    void connect() throws Exception {
        Fd[] pair = SocketCalls.pair("test");
        raw = pair[0];
        socket = new MessageSocket(pair[1]);
    }

    @AfterEach
    void close() {
        raw.close();
        socket.close();
    }

    @Test
    void aMessageArrivesWithItsDescriptors() throws Exception {
        try (MessageSocket sender = new MessageSocket(raw);
                Fd one = EventCalls.eventfd("one");
                Fd two = EventCalls.eventfd("two")) {
            ByteBuffer payload = new DmaMap(3, 0, 0x1000, 0x2000).encode();
            sender.send(Header.command(7, Command.DMA_MAP, payload.remaining()), payload, List.of(one, two),
                    deadline());

            try (Message message = socket.receive(deadline())) {
                assertThat(message.header()).isEqualTo(new Header(7, Command.DMA_MAP, 48, 0, 0));
                assertThat(DmaMap.decode(message.payload())).isEqualTo(new DmaMap(3, 0, 0x1000, 0x2000));
                assertThat(message.descriptors().count()).isEqualTo(2);
            }
        }
    }

    @Test
    void aMessageLargerThanTheSocketHoldsArrivesWhole() throws Exception {
        try (MessageSocket sender = new MessageSocket(raw)) {
            ByteBuffer payload = Form.buffer(MessageSocket.MOST_DATA);
            for (int i = 0; i < payload.capacity(); i++) {
                payload.put(i, (byte) (i * 31));
            }
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    sender.send(Header.command(1, Command.REGION_WRITE, payload.capacity()), payload, List.of(),
                            deadline());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });

            try (Message message = socket.receive(deadline())) {
                assertThat(message.payload()).isEqualTo(payload);
            }
            sent.get(LONG_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void theEndOfTheConnectionBetweenMessagesIsAnEnd() throws Exception {
        raw.close();

        assertThat(socket.receive(null)).isNull();
    }

    @Test
    void halfAHeaderIsAnError() throws Exception {
        send(new byte[7], List.of());
        raw.close();

        assertThatThrownBy(() -> socket.receive(null)).isInstanceOf(EOFException.class);
    }

    @Test
    void L5_halfAMessageIsWaitedForWithADeadline() throws Exception {
        send(header(100), List.of());

        assertThatThrownBy(() -> socket.receive(null)).isInstanceOf(IOException.class).hasMessageContaining("in time");
    }

    @Test
    void L5_noMessageIsWaitedForWithADeadline() {
        assertThatThrownBy(() -> socket.receive(Deadline.afterMillis(10)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("did not answer in time");
    }

    @Test
    void aLengthThatCannotBeIsRefusedBeforeAnythingIsAllocated() throws Exception {
        send(header(Integer.MAX_VALUE), List.of());

        assertThatThrownBy(() -> socket.receive(null)).isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("2147483647 bytes");
    }

    @Test
    void L6_descriptorsOfARefusedMessageAreClosed() throws Exception {
        long before = descriptors();
        try (Fd gift = EventCalls.eventfd("gift")) {
            send(header(3), List.of(gift, gift, gift));

            assertThatThrownBy(() -> socket.receive(null)).isInstanceOf(MalformedMessageException.class);
        }
        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void L6_tooManyDescriptorsAreRefusedAndClosed() throws Exception {
        long before = descriptors();
        List<Fd> gifts = new ArrayList<>();
        for (int i = 0; i < MessageSocket.MOST_DESCRIPTORS + 1; i++) {
            gifts.add(EventCalls.eventfd("gift"));
        }
        send(header(16), gifts);

        assertThatThrownBy(() -> socket.receive(null)).isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("more than 64 descriptors");
        gifts.forEach(Fd::close);
        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void whoeverWaitsIsWokenWhenTheConnectionIsShutDown() throws Exception {
        CompletableFuture<Boolean> ended = CompletableFuture.supplyAsync(() -> {
            try (Message message = socket.receive(null)) {
                return message == null;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        socket.shutDown();

        assertThat(ended.get(LONG_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    }

    @Test
    void L5_aPeerThatDoesNotReadIsWaitedForWithADeadline() {
        ByteBuffer payload = Form.buffer(MessageSocket.MOST_DATA);
        Header header = Header.command(1, Command.REGION_WRITE, payload.capacity());

        assertThatThrownBy(() -> socket.send(header, payload, List.of(), Deadline.afterMillis(20)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("did not take a message in time");
    }

    private static byte[] header(int size) {
        ByteBuffer bytes = Form.buffer(Header.SIZE);
        new Header(1, Command.DMA_MAP, size, 0, 0).encode(bytes);
        return bytes.array();
    }

    private void send(byte[] bytes, List<Fd> descriptors) {
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length, 8);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
        assertThat(new SocketMessages(raw, 128).send(memory, descriptors)).isEqualTo(bytes.length);
    }

    private static Deadline deadline() {
        return Deadline.afterMillis(LONG_MILLIS);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
