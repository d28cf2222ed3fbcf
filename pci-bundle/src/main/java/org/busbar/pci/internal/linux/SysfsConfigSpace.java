package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.internal.config.CapabilityList;

/**
 * Configuration space of a device that nobody here has opened, read from its {@code config} file. Each access opens the
 * file anew, so that nothing has to be closed; it is for looking, not for driving.
 */
final class SysfsConfigSpace implements ConfigSpace {

    private static final int HEADER = 64;
    private static final int CONVENTIONAL = 256;
    private static final int EXPRESS = 4096;

    private final Path file;
    private final int size;

    private SysfsConfigSpace(Path file, int size) {
        this.file = file;
        this.size = size;
    }

    static ConfigSpace open(Path file) throws IOException {
        long length = Files.size(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            // Without CAP_SYS_ADMIN the kernel lets only the header be read, whatever size the file has.
            boolean beyondHeader = channel.read(ByteBuffer.allocate(4), HEADER) == 4;
            int size = !beyondHeader ? HEADER : length >= EXPRESS ? EXPRESS : CONVENTIONAL;
            return new SysfsConfigSpace(file, (int) Math.min(size, length));
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int read8(int offset) {
        return read(offset, 1).get(0) & 0xff;
    }

    @Override
    public int read16(int offset) {
        return read(offset, 2).getShort(0) & 0xffff;
    }

    @Override
    public int read32(int offset) {
        return read(offset, 4).getInt(0);
    }

    private ByteBuffer read(int offset, int width) {
        Objects.checkFromIndexSize(offset, width, size);
        ByteBuffer bytes = ByteBuffer.allocate(width).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.read(bytes, offset) != width) {
                throw new DeviceGoneException(file + " ends before byte " + (offset + width));
            }
            return bytes;
        } catch (IOException e) {
            throw new DeviceGoneException(file + " cannot be read any more: " + e.getMessage(), e);
        }
    }

    @Override
    public void write8(int offset, int value) {
        throw readOnly();
    }

    @Override
    public void write16(int offset, int value) {
        throw readOnly();
    }

    @Override
    public void write32(int offset, int value) {
        throw readOnly();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("only the driver of a device may write to its configuration space");
    }

    @Override
    public List<Capability> capabilities() {
        return CapabilityList.read(this);
    }
}
