package org.busbar.shell.nvme.internal.nbd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The data of INFO and GO: which export, and what the client wants to know of it besides its size.
 *
 * @param name the export's
 * @param canonicalName whether it wants the name
 * @param description whether it wants the description
 * @param blockSize whether it wants the block sizes, which means that it keeps to them
 */
record Wanted(String name, boolean canonicalName, boolean description, boolean blockSize) {

    /** Takes the data apart; null if its lengths contradict each other. */
    static @Nullable Wanted parse(ByteBuffer data) {
        if (data.remaining() < 6) {
            return null;
        }
        int nameLength = data.getInt();
        if (nameLength < 0 || nameLength > data.remaining() - 2) {
            return null;
        }
        byte[] name = new byte[nameLength];
        data.get(name);
        int count = Short.toUnsignedInt(data.getShort());
        if (data.remaining() != 2 * count) {
            return null;
        }
        boolean canonicalName = false;
        boolean description = false;
        boolean blockSize = false;
        while (data.hasRemaining()) {
            int information = Short.toUnsignedInt(data.getShort());
            canonicalName |= information == Nbd.INFO_NAME;
            description |= information == Nbd.INFO_DESCRIPTION;
            blockSize |= information == Nbd.INFO_BLOCK_SIZE;
        }
        return new Wanted(new String(name, StandardCharsets.UTF_8), canonicalName, description, blockSize);
    }
}
