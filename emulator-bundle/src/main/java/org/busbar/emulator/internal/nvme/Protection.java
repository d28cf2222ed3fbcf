package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;

/** Checks and generates protection information (section 8.3): guard, application tag and reference tag, big endian. */
final class Protection {

    static final int SIZE = 8;

    private static final int TYPE_1 = 1;
    private static final int TYPE_3 = 3;
    /** An application tag that switches checks off; with type 3 the reference tag has to agree. */
    private static final int UNCHECKED = 0xffff;

    private Protection() {}

    /** Returns whether transfers are without protection information: the controller inserts and strips it. */
    static boolean transparent(Namespace namespace, ProtectionTags tags) {
        return namespace.protection() > 0 && tags.act() && namespace.format().metadata() == SIZE;
    }

    /** Checks that a command asks for what its blocks' type has; returns the status. */
    static int validate(Namespace namespace, ProtectionTags tags, long firstBlock) {
        if (!tags.checksReference()) {
            return Status.SUCCESS;
        }
        boolean wrong = switch (namespace.protection()) {
            case TYPE_1 -> tags.reference() != (int) firstBlock;
            case TYPE_3 -> true;
            default -> false;
        };
        return wrong ? Status.INVALID_PROTECTION_INFORMATION : Status.SUCCESS;
    }

    /** Checks blocks; returns the status. */
    static int check(Namespace namespace, ProtectionTags tags, BlockBuffer buffer, int count) {
        if (namespace.protection() == 0 || !tags.checksAnything()) {
            return Status.SUCCESS;
        }
        for (int i = 0; i < count; i++) {
            int status = check(namespace, tags, buffer, i, place(namespace, i));
            if (status != Status.SUCCESS) {
                return status;
            }
        }
        return Status.SUCCESS;
    }

    private static int check(Namespace namespace, ProtectionTags tags, BlockBuffer buffer, int block, long place) {
        MemorySegment metadata = buffer.metadata();
        int application = Short.toUnsignedInt(Short.reverseBytes((short) Fields.get16(metadata, place + 2)));
        int reference = Integer.reverseBytes(Fields.get32(metadata, place + 4));
        boolean typeThree = namespace.protection() == TYPE_3;
        if (application == UNCHECKED && (!typeThree || reference == -1)) {
            return Status.SUCCESS;
        }
        int guard = Short.toUnsignedInt(Short.reverseBytes((short) Fields.get16(metadata, place)));
        if (tags.checksGuard() && guard != guard(namespace, buffer, block, place)) {
            return Status.GUARD_CHECK;
        }
        if (tags.refuses(application)) {
            return Status.APPLICATION_TAG_CHECK;
        }
        if (tags.checksReference() && !typeThree && reference != tags.reference() + block) {
            return Status.REFERENCE_TAG_CHECK;
        }
        return Status.SUCCESS;
    }

    /** Gives blocks protection information. */
    static void generate(Namespace namespace, ProtectionTags tags, BlockBuffer buffer, int count) {
        MemorySegment metadata = buffer.metadata();
        for (int i = 0; i < count; i++) {
            long place = place(namespace, i);
            int reference = namespace.protection() == TYPE_3 ? tags.reference() : tags.reference() + i;
            Fields.set16(metadata, place, Short.reverseBytes((short) guard(namespace, buffer, i, place)));
            Fields.set16(metadata, place + 2, Short.reverseBytes((short) tags.application()));
            Fields.set32(metadata, place + 4, Integer.reverseBytes(reference));
        }
    }

    /** Returns where the protection information of a block is in its namespace's metadata. */
    private static long place(Namespace namespace, int block) {
        int size = namespace.format().metadata();
        return (long) block * size + (namespace.protectionFirst() ? 0 : size - SIZE);
    }

    /** The guard covers the data, and the metadata before it. */
    private static int guard(Namespace namespace, BlockBuffer buffer, int block, long place) {
        int blockSize = namespace.format().blockSize();
        long begin = (long) block * namespace.format().metadata();
        int crc = Crc16.update(0, buffer.data(), (long) block * blockSize, blockSize);
        return Crc16.update(crc, buffer.metadata(), begin, place - begin);
    }
}
