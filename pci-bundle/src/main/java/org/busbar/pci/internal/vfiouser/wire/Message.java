package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;

/**
 * A message that has come in whole.
 *
 * @param header its header
 * @param payload what follows the header, little endian
 * @param descriptors what came with it
 */
public record Message(Header header, ByteBuffer payload, Descriptors descriptors) implements AutoCloseable {

    /** Closes the descriptors that nobody has taken. */
    @Override
    public void close() {
        descriptors.close();
    }
}
