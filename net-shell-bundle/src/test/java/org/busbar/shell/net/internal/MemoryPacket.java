package org.busbar.shell.net.internal;

import java.lang.foreign.MemorySegment;
import org.busbar.net.Packet;
import org.jspecify.annotations.Nullable;

/** A packet on the heap. Whoever uses it after it was released or sent is told. */
public final class MemoryPacket implements Packet {

    private final MemoryPort port;
    private final MemorySegment data;
    private int length;
    private @Nullable Packet next;
    private boolean out;
    private int tag = -1;

    MemoryPacket(MemoryPort port, int bytes) {
        this.port = port;
        data = MemorySegment.ofArray(new byte[bytes]);
    }

    void takenOut() {
        out = true;
        length = 0;
        next = null;
        tag = -1;
    }

    void comeBack() {
        ours();
        out = false;
    }

    private void ours() {
        if (!out) {
            throw new IllegalStateException("this packet is not the caller's any more");
        }
    }

    @Override
    public MemorySegment data() {
        ours();
        return data;
    }

    @Override
    public int length() {
        ours();
        return length;
    }

    @Override
    public void length(int bytes) {
        ours();
        if (bytes > data.byteSize()) {
            throw new IllegalArgumentException(bytes + " bytes");
        }
        length = bytes;
    }

    @Override
    public void release() {
        Packet rest = next;
        port.back(this);
        if (rest != null) {
            rest.release();
        }
    }

    @Override
    public @Nullable Packet next() {
        ours();
        return next;
    }

    @Override
    public void next(@Nullable Packet rest) {
        ours();
        next = rest;
    }

    @Override
    public int vlan() {
        return tag;
    }

    @Override
    public void requestVlan(int wanted) {
        tag = wanted;
    }
}
