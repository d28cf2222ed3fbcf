package org.busbar.block.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockMetadata;
import org.busbar.block.BlockStatus;

/**
 * Makes and checks the protection information of blocks (NVMe Base 1.4, section 8.3) for applications that pass metadata:
 * a guard, which is the CRC-16 of T10's data integrity field, an application tag, and a reference tag, which is the low 32
 * bits of the block's number.
 */
public final class ProtectionInformation {

    /** The polynomial of CRC-16/T10-DIF: x^16 + x^15 + x^11 + x^9 + x^8 + x^7 + x^5 + x^4 + x^2 + x + 1. */
    private static final int POLYNOMIAL = 0x8bb7;

    /** {@code TABLES[n][b]} is the CRC of byte b with n zero bytes after it: eight bytes are looked up at once. */
    private static final char[][] TABLES = tables();

    private final int blockSize;
    private final BlockMetadata metadata;

    /**
     * @param blockSize bytes of data per block
     * @param metadata how the device keeps metadata
     * @throws IllegalArgumentException if it has no protection information
     */
    public ProtectionInformation(int blockSize, BlockMetadata metadata) {
        if (!metadata.isProtected()) {
            throw new IllegalArgumentException("the blocks have no protection information");
        }
        this.blockSize = blockSize;
        this.metadata = metadata;
    }

    /**
     * Writes protection information into the metadata of blocks; other bytes of it are left alone.
     *
     * @param firstBlock number of the first block
     * @param data the blocks' data, from its position to its limit; the position stays
     * @param blocksMetadata as many blocks' metadata, from its position on; the position stays
     */
    public void fill(long firstBlock, ByteBuffer data, ByteBuffer blocksMetadata, int applicationTag) {
        ByteBuffer out = blocksMetadata.duplicate().order(ByteOrder.BIG_ENDIAN);
        for (int i = 0; i < count(data, blocksMetadata); i++) {
            int at = tuple(blocksMetadata, i);
            out.putShort(at, (short) guard(data, blocksMetadata, i));
            out.putShort(at + 2, (short) applicationTag);
            out.putInt(at + 4, (int) (firstBlock + i));
        }
    }

    /**
     * Checks guard and reference tag of blocks. Those whose application tag is 0xffff are not checked (with type 3: whose
     * reference tag is 0xffffffff, too), and type 3 has no reference tag.
     *
     * @param firstBlock number of the first block
     * @param data the blocks' data, from its position to its limit; the position stays
     * @param blocksMetadata as many blocks' metadata, from its position on; the position stays
     * @throws BlockIOException of {@link BlockStatus#PROTECTION_FAILED}; the message says which block and what is wrong
     */
    public void check(long firstBlock, ByteBuffer data, ByteBuffer blocksMetadata) throws BlockIOException {
        ByteBuffer in = blocksMetadata.duplicate().order(ByteOrder.BIG_ENDIAN);
        for (int i = 0; i < count(data, blocksMetadata); i++) {
            int at = tuple(blocksMetadata, i);
            int reference = in.getInt(at + 4);
            boolean third = metadata.protectionType() == 3;
            if ((in.getShort(at + 2) & 0xffff) == 0xffff && (!third || reference == -1)) {
                continue;
            }
            long block = firstBlock + i;
            require("guard", block, in.getShort(at) & 0xffff, guard(data, blocksMetadata, i));
            if (!third) {
                require("reference tag", block, reference, (int) block);
            }
        }
    }

    private static void require(String what, long block, int found, int expected) throws BlockIOException {
        if (found != expected) {
            throw new BlockIOException(
                    BlockStatus.PROTECTION_FAILED,
                    -1,
                    "block " + block + ": the " + what + " is 0x" + Integer.toHexString(found) + ", not 0x"
                            + Integer.toHexString(expected));
        }
    }

    private int count(ByteBuffer data, ByteBuffer blocksMetadata) {
        int blocks = data.remaining() / blockSize;
        if (data.remaining() % blockSize != 0 || blocksMetadata.remaining() < blocks * metadata.bytes()) {
            throw new IllegalArgumentException("whole blocks of " + blockSize + " bytes and " + metadata.bytes()
                    + " bytes of metadata for each are needed, not " + data.remaining() + " and "
                    + blocksMetadata.remaining());
        }
        return blocks;
    }

    /** Where the protection information of a block is. */
    private int tuple(ByteBuffer blocksMetadata, int index) {
        int inBlock = metadata.protectionFirst() ? 0 : metadata.bytes() - BlockMetadata.PROTECTION_BYTES;
        return blocksMetadata.position() + index * metadata.bytes() + inBlock;
    }

    /** Covers the data, and the metadata before the protection information if there is any. */
    private int guard(ByteBuffer data, ByteBuffer blocksMetadata, int index) {
        int crc = crc(0, data, data.position() + index * blockSize, blockSize);
        int start = blocksMetadata.position() + index * metadata.bytes();
        return crc(crc, blocksMetadata, start, tuple(blocksMetadata, index) - start);
    }

    /**
     * Returns the CRC-16/T10-DIF of bytes.
     *
     * @param crc 0, or the CRC of what came before
     * @param index of the first byte in the buffer
     */
    public static int crc(int crc, ByteBuffer bytes, int index, int length) {
        int value = crc;
        int at = index;
        int end = index + length;
        for (; end - at >= 8; at += 8) {
            value = TABLES[7][(value >>> 8 ^ bytes.get(at)) & 0xff]
                    ^ TABLES[6][(value ^ bytes.get(at + 1)) & 0xff]
                    ^ TABLES[5][bytes.get(at + 2) & 0xff]
                    ^ TABLES[4][bytes.get(at + 3) & 0xff]
                    ^ TABLES[3][bytes.get(at + 4) & 0xff]
                    ^ TABLES[2][bytes.get(at + 5) & 0xff]
                    ^ TABLES[1][bytes.get(at + 6) & 0xff]
                    ^ TABLES[0][bytes.get(at + 7) & 0xff];
        }
        for (; at < end; at++) {
            value = (value << 8 ^ TABLES[0][(value >>> 8 ^ bytes.get(at)) & 0xff]) & 0xffff;
        }
        return value;
    }

    private static char[][] tables() {
        char[][] tables = new char[8][256];
        for (int b = 0; b < 256; b++) {
            int crc = b << 8;
            for (int table = 0; table < 8; table++) {
                for (int bit = 0; bit < 8; bit++) {
                    crc = (crc & 0x8000) != 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
                    crc &= 0xffff;
                }
                tables[table][b] = (char) crc;
            }
        }
        return tables;
    }
}
