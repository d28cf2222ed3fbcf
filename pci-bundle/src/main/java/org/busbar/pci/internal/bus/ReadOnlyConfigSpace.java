package org.busbar.pci.internal.bus;

import java.util.List;
import org.busbar.pci.ConfigSpace;

/** Configuration space for looking at: what may write is only a driver's grant. */
final class ReadOnlyConfigSpace implements ConfigSpace {

    private final ConfigSpace space;

    ReadOnlyConfigSpace(ConfigSpace space) {
        this.space = space;
    }

    @Override
    public int size() {
        return space.size();
    }

    @Override
    public int read8(int offset) {
        return space.read8(offset);
    }

    @Override
    public int read16(int offset) {
        return space.read16(offset);
    }

    @Override
    public int read32(int offset) {
        return space.read32(offset);
    }

    @Override
    public void write8(int offset, int value) {
        throw refusal();
    }

    @Override
    public void write16(int offset, int value) {
        throw refusal();
    }

    @Override
    public void write32(int offset, int value) {
        throw refusal();
    }

    @Override
    public List<Capability> capabilities() {
        return space.capabilities();
    }

    private static UnsupportedOperationException refusal() {
        return new UnsupportedOperationException(
                "read-only: only the driver of a device writes its configuration space");
    }
}
