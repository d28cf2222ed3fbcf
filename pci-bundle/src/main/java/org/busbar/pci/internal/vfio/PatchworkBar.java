package org.busbar.pci.internal.vfio;

import java.util.List;
import org.busbar.pci.Bar;

/** Registers of which only some pages are mapped; the others are reached through the device's file. */
final class PatchworkBar implements Bar {

    /**
     * A mapped area.
     *
     * @param offset of its first byte in the whole
     */
    record Patch(long offset, Bar bar) {}

    private final Patch[] patches;
    private final Patch rest;

    /**
     * @param patches apart from each other; they begin and end at pages, so that no access is in two
     * @param rest spans all; used where no patch is
     */
    PatchworkBar(List<Patch> patches, Bar rest) {
        this.patches = patches.toArray(Patch[]::new);
        this.rest = new Patch(0, rest);
    }

    @Override
    public long size() {
        return rest.bar.size();
    }

    @Override
    public boolean isMapped() {
        return false;
    }

    /** Returns what has the byte at an offset. There are one or two patches, so a scan is the quickest search. */
    private Patch at(long offset) {
        for (Patch patch : patches) {
            if (offset >= patch.offset && offset - patch.offset < patch.bar.size()) {
                return patch;
            }
        }
        return rest;
    }

    @Override
    public int read8(long offset) {
        Patch patch = at(offset);
        return patch.bar.read8(offset - patch.offset);
    }

    @Override
    public int read16(long offset) {
        Patch patch = at(offset);
        return patch.bar.read16(offset - patch.offset);
    }

    @Override
    public int read32(long offset) {
        Patch patch = at(offset);
        return patch.bar.read32(offset - patch.offset);
    }

    @Override
    public long read64(long offset) {
        Patch patch = at(offset);
        return patch.bar.read64(offset - patch.offset);
    }

    @Override
    public void write8(long offset, int value) {
        Patch patch = at(offset);
        patch.bar.write8(offset - patch.offset, value);
    }

    @Override
    public void write16(long offset, int value) {
        Patch patch = at(offset);
        patch.bar.write16(offset - patch.offset, value);
    }

    @Override
    public void write32(long offset, int value) {
        Patch patch = at(offset);
        patch.bar.write32(offset - patch.offset, value);
    }

    @Override
    public void write64(long offset, long value) {
        Patch patch = at(offset);
        patch.bar.write64(offset - patch.offset, value);
    }
}
