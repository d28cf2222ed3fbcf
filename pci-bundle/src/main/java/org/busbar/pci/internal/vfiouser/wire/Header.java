package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;

/**
 * What every message begins with.
 *
 * @param id chosen by who asks, repeated in the reply; 16 bits
 * @param command see {@link Command}; 16 bits
 * @param size bytes of the message, the header included
 * @param flags a command or a reply, see the constants
 * @param error of a reply: why it failed, as an errno
 */
public record Header(int id, int command, int size, int flags, int error) {

    /** Bytes of a header. */
    public static final int SIZE = 16;

    private static final int TYPE_MASK = 0xf;
    private static final int TYPE_COMMAND = 0;
    private static final int TYPE_REPLY = 1;
    private static final int NO_REPLY = 0x10;
    private static final int ERROR = 0x20;

    /** Returns the header of a command. */
    public static Header command(int id, int command, int payload) {
        return new Header(id, command, SIZE + payload, TYPE_COMMAND, 0);
    }

    /** Returns the header of the reply to this command. */
    public Header reply(int payload) {
        return new Header(id, command, SIZE + payload, TYPE_REPLY, 0);
    }

    /** Returns the header of a reply that says that this command has failed. */
    public Header failure(int errno) {
        return new Header(id, command, SIZE, TYPE_REPLY | ERROR, errno);
    }

    public boolean isCommand() {
        return (flags & TYPE_MASK) == TYPE_COMMAND;
    }

    public boolean isReply() {
        return (flags & TYPE_MASK) == TYPE_REPLY;
    }

    /** Returns whether a reply says that the command has failed. */
    public boolean isFailure() {
        return (flags & ERROR) != 0;
    }

    /** Returns whether a command is to be replied to. */
    public boolean wantsReply() {
        return (flags & NO_REPLY) == 0;
    }

    /** Returns the bytes that follow the header. */
    public int payload() {
        return size - SIZE;
    }

    /**
     * Reads a header.
     *
     * @param largest how long a message may be
     * @throws MalformedMessageException if it announces a length that no message can have, or more than that, or is neither
     *     a command nor a reply
     */
    public static Header decode(ByteBuffer bytes, int largest) throws MalformedMessageException {
        Form.require("the header", bytes, SIZE);
        Header header = new Header(
                Short.toUnsignedInt(bytes.getShort()), Short.toUnsignedInt(bytes.getShort()), bytes.getInt(),
                bytes.getInt(), bytes.getInt());
        if (header.size < SIZE || header.size > largest) {
            throw new MalformedMessageException("%s announces %s bytes, where %d to %d are possible".formatted(
                    Command.name(header.command), Integer.toUnsignedString(header.size), SIZE, largest));
        }
        if (!header.isCommand() && !header.isReply()) {
            throw new MalformedMessageException("%s is of type %d, neither a command nor a reply"
                    .formatted(Command.name(header.command), header.flags & TYPE_MASK));
        }
        return header;
    }

    /** Writes the header. */
    public void encode(ByteBuffer bytes) {
        bytes.putShort((short) id).putShort((short) command).putInt(size).putInt(flags).putInt(error);
    }
}
