package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.stream.Stream;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.SharedMemoryCalls;
import org.busbar.pci.internal.vfiouser.ScriptedServer.Lie;
import org.busbar.pci.internal.vfiouser.wire.Command;
import org.busbar.pci.internal.vfiouser.wire.DeviceInfo;
import org.busbar.pci.internal.vfiouser.wire.Header;
import org.busbar.pci.internal.vfiouser.wire.InterruptInfo;
import org.busbar.pci.internal.vfiouser.wire.Message;
import org.busbar.pci.internal.vfiouser.wire.RegionAccess;
import org.busbar.pci.internal.vfiouser.wire.RegionInfo;
import org.busbar.pci.internal.vfiouser.wire.Version;

/** What a server can do wrong from the first message to the last question about what it is. */
final class Lies {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private Lies() {}

    /**
     * A lie, and what is said of it.
     *
     * @param command which it is told in reply to
     * @param reason why the endpoint is closed, in part
     */
    record Case(String name, int command, Lie lie, String reason) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> all() {
        return Stream.of(
                new Case("another major version", Command.VERSION,
                        (server, question) -> server.reply(question, new Version(1, 0, 8, 1).encode()),
                        "speaks version 1.0"),
                new Case("a version of two bytes", Command.VERSION,
                        (server, question) -> server.reply(question, ByteBuffer.allocate(2)), "VERSION has 2 bytes"),
                new Case("capabilities without an end", Command.VERSION,
                        (server, question) -> server.reply(question,
                                ByteBuffer.allocate(6).put(2, (byte) 0).put(5, (byte) 1)),
                        "do not end with a NUL"),
                new Case("silence", Command.VERSION, (server, question) -> {}, "did not answer VERSION within"),
                new Case("a hang-up", Command.VERSION, (server, question) -> server.hangUp(), "has hung up"),
                new Case("half a header", Command.VERSION, (server, question) -> {
                    server.sendRaw(new byte[7]);
                    server.hangUp();
                }, "ended within a message"),
                new Case("half a message", Command.VERSION, (server, question) -> {
                    server.sendRaw(bytes(question.header().reply(100)));
                    server.hangUp();
                }, "ended within a message"),
                new Case("a message shorter than its header", Command.VERSION,
                        (server, question) -> server.sendRaw(bytes(new Header(question.header().id(), 1, 8, 1, 0))),
                        "announces 8 bytes"),
                new Case("a message of 4 GiB", Command.VERSION,
                        (server, question) -> server.sendRaw(bytes(new Header(question.header().id(), 1, -1, 1, 0))),
                        "announces 4294967295 bytes"),
                new Case("neither command nor reply", Command.VERSION,
                        (server, question) -> server.sendRaw(bytes(new Header(question.header().id(), 1, 16, 7, 0))),
                        "neither a command nor a reply"),
                new Case("a reply to what nobody has asked", Command.VERSION,
                        (server, question) -> server.send(
                                new Header(question.header().id() + 1 & 0xffff, 1, 16, 1, 0), NOTHING),
                        "nobody has asked for"),
                new Case("a reply to another command", Command.VERSION,
                        (server, question) -> server.send(new Header(question.header().id(), 2, 16, 1, 0), NOTHING),
                        "nobody has asked for"),
                new Case("two replies", Command.VERSION, (server, question) -> {
                    server.honest(question);
                    server.honest(question);
                }, "nobody has asked for"),
                new Case("an unwanted descriptor", Command.VERSION,
                        (server, question) -> server.reply(question, new Version(0, 1, 8, 1).encode(), server.memory()),
                        "came with 1 descriptors"),
                new Case("a failure", Command.DEVICE_GET_INFO,
                        (server, question) -> server.refuse(question, Errno.ENODEV),
                        "ENODEV"),
                new Case("no PCI device", Command.DEVICE_GET_INFO,
                        (server, question) -> server.reply(question, new DeviceInfo(1, 9, 5).encode()),
                        "is no PCI device"),
                new Case("too few regions", Command.DEVICE_GET_INFO,
                        (server, question) -> server.reply(question, new DeviceInfo(3, -1, 5).encode()),
                        "4294967295 regions"),
                new Case("no answer in the answer", Command.DEVICE_GET_INFO,
                        (server, question) -> server.reply(question, NOTHING), "has 0 bytes"),
                new Case("another region", Command.DEVICE_GET_REGION_INFO,
                        (server, question) -> server.reply(question, region(3, 5, 64)), "says of region 0: index 5"),
                new Case("a region of negative size", Command.DEVICE_GET_REGION_INFO,
                        (server, question) -> server.reply(question, region(3, index(question), Long.MIN_VALUE)),
                        "says of region 0"),
                new Case("configuration space of one byte", Command.DEVICE_GET_REGION_INFO,
                        (server, question) -> server.reply(question, region(3, index(question), 1)),
                        "configuration space of 1 bytes"),
                new Case("a capability beyond the end", Command.DEVICE_GET_REGION_INFO,
                        (server, question) -> server.reply(question, region(15, index(question), 64).putInt(12, 4_000)),
                        "a capability of a region at 4000"),
                new Case("mappable without a descriptor", Command.DEVICE_GET_REGION_INFO,
                        (server, question) -> server.reply(question, region(7, index(question), 64)),
                        "came with 0 descriptors"),
                new Case("a descriptor of what cannot be mapped", Command.DEVICE_GET_REGION_INFO,
                        (server, question) -> server.reply(question, region(3, index(question), 64), server.memory()),
                        "came with 1 descriptors"),
                new Case("two descriptors", Command.DEVICE_GET_REGION_INFO,
                        (server, question) -> server.reply(question, region(7, index(question), 64), server.memory(),
                                server.memory()),
                        "came with 2 descriptors"),
                new Case("an area beyond the region", Command.DEVICE_GET_REGION_INFO,
                        (server, question) -> server.reply(
                                question, ScriptedServer.doorbells(0x1000, 0x2000).encode(true), server.memory()),
                        "can be mapped"),
                new Case("an area at a negative offset", Command.DEVICE_GET_REGION_INFO,
                        (server, question) -> server.reply(
                                question, ScriptedServer.doorbells(-0x1000, 0x1000).encode(true), server.memory()),
                        "can be mapped"),
                new Case("a file that is too short", Command.DEVICE_GET_REGION_INFO, (server, question) -> {
                    try (Fd small = SharedMemoryCalls.create("small", 0x1000, false)) {
                        server.reply(question, ScriptedServer.doorbells(0x1000, 0x1000).encode(true), small);
                    }
                }, "of a file of 4096"),
                new Case("no file", Command.DEVICE_GET_REGION_INFO, (server, question) -> {
                    try (Fd counter = EventCalls.eventfd("no file")) {
                        server.reply(question, ScriptedServer.doorbells(0x1000, 0x1000).encode(true), counter);
                    }
                }, "can be mapped"),
                new Case("too many vectors", Command.DEVICE_GET_IRQ_INFO,
                        (server, question) -> server.reply(
                                question, new InterruptInfo(1, InterruptInfo.decode(question.payload()).index(), 5_000)
                                        .encode()),
                        "there are 5000"),
                new Case("too few bytes of a register", Command.REGION_READ, (server, question) -> {
                    RegionAccess access = RegionAccess.decode(question.payload());
                    server.reply(question, ScriptedServer.data(access, access.count() - 1));
                }, "answers a read of registers wrongly"),
                new Case("bytes of another register", Command.REGION_READ, (server, question) -> {
                    RegionAccess asked = RegionAccess.decode(question.payload());
                    server.reply(question, ScriptedServer.data(
                            new RegionAccess(asked.offset() + 8, asked.region(), asked.count()), asked.count()));
                }, "answers a read of registers wrongly"),
                new Case("no function behind it", Command.REGION_READ, (server, question) -> {
                    RegionAccess access = RegionAccess.decode(question.payload());
                    ByteBuffer ones = access.encode(access.count());
                    while (ones.hasRemaining()) {
                        ones.put((byte) 0xff);
                    }
                    server.reply(question, ones.flip());
                }, "vendor ID ffff"));
    }

    static int index(Message question) throws IOException {
        return RegionInfo.decode(question.payload()).index();
    }

    static ByteBuffer region(int flags, int index, long size) {
        return new RegionInfo(32, flags, index, size, 0, Optional.empty()).encode(false);
    }

    private static byte[] bytes(Header header) {
        ByteBuffer bytes = ByteBuffer.allocate(Header.SIZE).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        header.encode(bytes);
        return bytes.array();
    }
}
