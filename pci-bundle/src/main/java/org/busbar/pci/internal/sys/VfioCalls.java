package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The requests of VFIO ({@code linux/vfio.h}), each wrapped once. */
public final class VfioCalls {

    private VfioCalls() {}

    /** Returns the version of the interface, {@link VfioAbi#VFIO_API_VERSION} for the one known here. */
    public static int apiVersion(Fd container) throws ErrnoException {
        return IoctlCalls.ioctl(container, VfioAbi.VFIO_GET_API_VERSION, 0, "VFIO_GET_API_VERSION");
    }

    /** Returns whether the kernel has a kind of IOMMU. */
    public static boolean hasExtension(Fd container, int extension) throws ErrnoException {
        return IoctlCalls.ioctl(container, VfioAbi.VFIO_CHECK_EXTENSION, extension, "VFIO_CHECK_EXTENSION") > 0;
    }

    /** Selects the kind of IOMMU; only after a group has joined the container. */
    public static void setIommu(Fd container, int kind) throws ErrnoException {
        IoctlCalls.ioctl(container, VfioAbi.VFIO_SET_IOMMU, kind, "VFIO_SET_IOMMU");
    }

    /** Returns the flags of a group: VFIO_GROUP_FLAGS_... */
    public static int groupFlags(Fd group) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = structure(arena, VfioAbi.GROUP_STATUS_SIZE);
            IoctlCalls.ioctl(group, VfioAbi.VFIO_GROUP_GET_STATUS, status, "VFIO_GROUP_GET_STATUS");
            return status.get(JAVA_INT, VfioAbi.FLAGS);
        }
    }

    /** Puts a group into a container. */
    public static void setContainer(Fd group, Fd container) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocateFrom(JAVA_INT, container.number());
            IoctlCalls.ioctl(group, VfioAbi.VFIO_GROUP_SET_CONTAINER, number, "VFIO_GROUP_SET_CONTAINER");
        }
    }

    /** Opens a device of a group. The kernel resets it first, which takes as long as the device does. */
    public static Fd openDevice(Fd group, String device) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(device);
            String request = "VFIO_GROUP_GET_DEVICE_FD, " + device;
            return new Fd(IoctlCalls.ioctl(group, VfioAbi.VFIO_GROUP_GET_DEVICE_FD, name, request), "vfio " + device);
        }
    }

    /**
     * Asks for an info structure, with all its capabilities.
     *
     * @param size of the structure without capabilities
     * @param index what it is about, or -1 if the structure has no index
     */
    public static MemorySegment info(Arena arena, Fd fd, long request, String name, int size, int index)
            throws ErrnoException {
        MemorySegment info = MemorySegment.NULL;
        long needed = size;
        while (needed > info.byteSize()) {
            info = structure(arena, needed);
            if (index >= 0) {
                info.set(JAVA_INT, VfioAbi.INDEX, index);
            }
            IoctlCalls.ioctl(fd, request, info, name);
            needed = Integer.toUnsignedLong(info.get(JAVA_INT, VfioAbi.ARGSZ));
        }
        return info;
    }

    /**
     * Has interrupts delivered to event counters, vector i to the i-th.
     *
     * @param index which kind of interrupts: VFIO_PCI_..._IRQ_INDEX
     * @return 0, or how many vectors could be had if that is fewer: none is on then
     */
    public static int enableIrqs(Fd device, int index, Fd... eventfds) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = VfioAbi.VFIO_IRQ_SET_DATA_EVENTFD | VfioAbi.VFIO_IRQ_SET_ACTION_TRIGGER;
            MemorySegment set = irqSet(arena, index, flags, eventfds.length, eventfds.length * Integer.BYTES);
            for (int i = 0; i < eventfds.length; i++) {
                set.set(JAVA_INT, VfioAbi.IRQ_SET_DATA + (long) i * Integer.BYTES, eventfds[i].number());
            }
            return IoctlCalls.ioctl(device, VfioAbi.VFIO_DEVICE_SET_IRQS, set, irqRequest(index, eventfds.length));
        }
    }

    /** Turns interrupts of a kind off. */
    public static void disableIrqs(Fd device, int index) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = VfioAbi.VFIO_IRQ_SET_DATA_NONE | VfioAbi.VFIO_IRQ_SET_ACTION_TRIGGER;
            MemorySegment set = irqSet(arena, index, flags, 0, 0);
            IoctlCalls.ioctl(device, VfioAbi.VFIO_DEVICE_SET_IRQS, set, irqRequest(index, 0));
        }
    }

    /** Lets the interrupt of a pin through again, which the kernel masks whenever it fires. */
    public static void unmaskPin(Fd device) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = VfioAbi.VFIO_IRQ_SET_DATA_NONE | VfioAbi.VFIO_IRQ_SET_ACTION_UNMASK;
            MemorySegment set = irqSet(arena, VfioAbi.VFIO_PCI_INTX_IRQ_INDEX, flags, 1, 0);
            IoctlCalls.ioctl(device, VfioAbi.VFIO_DEVICE_SET_IRQS, set, "VFIO_DEVICE_SET_IRQS, unmask the pin");
        }
    }

    /** Resets a device. Takes as long as the device does. */
    public static void reset(Fd device) throws ErrnoException {
        IoctlCalls.ioctl(device, VfioAbi.VFIO_DEVICE_RESET, 0, "VFIO_DEVICE_RESET");
    }

    /** Lets the devices of a container read and write memory, and pins it. */
    public static void mapDma(Fd container, MemorySegment memory, long iova) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment map = structure(arena, VfioAbi.DMA_MAP_SIZE);
            map.set(JAVA_INT, VfioAbi.FLAGS, VfioAbi.VFIO_DMA_MAP_FLAG_READ | VfioAbi.VFIO_DMA_MAP_FLAG_WRITE);
            map.set(JAVA_LONG, VfioAbi.DMA_MAP_VADDR, memory.address());
            map.set(JAVA_LONG, VfioAbi.DMA_MAP_IOVA, iova);
            map.set(JAVA_LONG, VfioAbi.DMA_MAP_LENGTH, memory.byteSize());
            IoctlCalls.ioctl(container, VfioAbi.VFIO_IOMMU_MAP_DMA, map,
                    range("VFIO_IOMMU_MAP_DMA", iova, memory.byteSize()));
        }
    }

    /** Ends what {@link #mapDma} began. */
    public static void unmapDma(Fd container, long iova, long size) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment unmap = structure(arena, VfioAbi.DMA_UNMAP_SIZE);
            unmap.set(JAVA_LONG, VfioAbi.DMA_UNMAP_IOVA, iova);
            unmap.set(JAVA_LONG, VfioAbi.DMA_UNMAP_LENGTH, size);
            IoctlCalls.ioctl(container, VfioAbi.VFIO_IOMMU_UNMAP_DMA, unmap, range("VFIO_IOMMU_UNMAP_DMA", iova, size));
        }
    }

    private static MemorySegment irqSet(Arena arena, int index, int flags, int count, int data) {
        MemorySegment set = structure(arena, VfioAbi.IRQ_SET_SIZE + data);
        set.set(JAVA_INT, VfioAbi.FLAGS, flags);
        set.set(JAVA_INT, VfioAbi.INDEX, index);
        set.set(JAVA_INT, VfioAbi.IRQ_SET_COUNT, count);
        return set;
    }

    private static MemorySegment structure(Arena arena, long size) {
        MemorySegment structure = arena.allocate(size, Long.BYTES);
        structure.set(JAVA_INT, VfioAbi.ARGSZ, (int) size);
        return structure;
    }

    private static String irqRequest(int index, int count) {
        return "VFIO_DEVICE_SET_IRQS, index " + index + ", count " + count;
    }

    private static String range(String request, long iova, long size) {
        return request + ", 0x" + Long.toHexString(iova) + ", " + size + " bytes";
    }
}
