package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.busbar.pci.BarInfo;

/**
 * Reads the {@code resource} file of a device: a line with first address, last address and flags for each base address
 * register, then one for the expansion ROM, then those of bridges. The flags are the kernel's ({@code linux/ioport.h}).
 */
final class ResourceFile {

    private static final long IORESOURCE_IO = 0x100;
    private static final long IORESOURCE_MEM = 0x200;
    private static final long IORESOURCE_PREFETCH = 0x2000;
    private static final long IORESOURCE_MEM_64 = 0x100000;
    private static final int REGISTERS_AND_ROM = 7;
    private static final Pattern LINE =
            Pattern.compile("0x([0-9a-fA-F]{1,16}) +0x([0-9a-fA-F]{1,16}) +0x([0-9a-fA-F]{1,16})");

    private ResourceFile() {}

    /** Returns the registers that are in use; a line that makes no sense counts as one that is not. */
    static List<BarInfo> read(Path file) throws IOException {
        return parse(Files.readAllLines(file));
    }

    static List<BarInfo> parse(List<String> lines) {
        List<BarInfo> bars = new ArrayList<>();
        for (int i = 0; i < Math.min(lines.size(), REGISTERS_AND_ROM); i++) {
            Matcher line = LINE.matcher(lines.get(i).strip());
            if (line.matches()) {
                long first = Long.parseUnsignedLong(line.group(1), 16);
                long size = Long.parseUnsignedLong(line.group(2), 16) - first + 1;
                long flags = Long.parseUnsignedLong(line.group(3), 16);
                if (size > 0 && Long.bitCount(size) == 1 && (flags & (IORESOURCE_IO | IORESOURCE_MEM)) != 0) {
                    bars.add(new BarInfo(i, size, kind(flags), (flags & IORESOURCE_PREFETCH) != 0));
                }
            }
        }
        return List.copyOf(bars);
    }

    private static BarInfo.Kind kind(long flags) {
        if ((flags & IORESOURCE_IO) != 0) {
            return BarInfo.Kind.IO;
        }
        return (flags & IORESOURCE_MEM_64) != 0 ? BarInfo.Kind.MEMORY64 : BarInfo.Kind.MEMORY32;
    }
}
