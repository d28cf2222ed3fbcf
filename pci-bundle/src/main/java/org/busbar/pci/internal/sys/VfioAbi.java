package org.busbar.pci.internal.sys;

/** Numbers of the VFIO interface, named after {@code linux/vfio.h}; sizes and offsets in bytes, the same on all 64-bit machines. */
public final class VfioAbi {

    // Requests: _IO(';', 100 + n)
    public static final long VFIO_GET_API_VERSION = 0x3b64;
    public static final long VFIO_CHECK_EXTENSION = 0x3b65;
    public static final long VFIO_SET_IOMMU = 0x3b66;
    public static final long VFIO_GROUP_GET_STATUS = 0x3b67;
    public static final long VFIO_GROUP_SET_CONTAINER = 0x3b68;
    public static final long VFIO_GROUP_UNSET_CONTAINER = 0x3b69;
    public static final long VFIO_GROUP_GET_DEVICE_FD = 0x3b6a;
    public static final long VFIO_DEVICE_GET_INFO = 0x3b6b;
    public static final long VFIO_DEVICE_GET_REGION_INFO = 0x3b6c;
    public static final long VFIO_DEVICE_GET_IRQ_INFO = 0x3b6d;
    public static final long VFIO_DEVICE_SET_IRQS = 0x3b6e;
    public static final long VFIO_DEVICE_RESET = 0x3b6f;
    public static final long VFIO_IOMMU_GET_INFO = 0x3b70;
    public static final long VFIO_IOMMU_MAP_DMA = 0x3b71;
    public static final long VFIO_IOMMU_UNMAP_DMA = 0x3b72;

    public static final int VFIO_API_VERSION = 0;
    public static final int VFIO_TYPE1v2_IOMMU = 3;

    /** First member of every structure that may grow: {@code argsz}; then {@code flags}. */
    public static final int ARGSZ = 0;

    public static final int FLAGS = 4;
    /** Where structures that describe one of several things have its {@code index}. */
    public static final int INDEX = 8;

    // struct vfio_group_status
    public static final int GROUP_STATUS_SIZE = 8;
    public static final int VFIO_GROUP_FLAGS_VIABLE = 1;

    // struct vfio_device_info
    public static final int DEVICE_INFO_SIZE = 20;
    public static final int DEVICE_NUM_REGIONS = 8;
    public static final int DEVICE_NUM_IRQS = 12;
    public static final int VFIO_DEVICE_FLAGS_RESET = 1;
    public static final int VFIO_DEVICE_FLAGS_PCI = 2;

    // struct vfio_region_info
    public static final int REGION_INFO_SIZE = 32;
    public static final int REGION_CAP_OFFSET = 12;
    public static final int REGION_SIZE = 16;
    public static final int REGION_OFFSET = 24;
    public static final int VFIO_REGION_INFO_FLAG_READ = 1;
    public static final int VFIO_REGION_INFO_FLAG_WRITE = 2;
    public static final int VFIO_REGION_INFO_FLAG_MMAP = 4;
    public static final int VFIO_REGION_INFO_FLAG_CAPS = 8;
    public static final int VFIO_PCI_CONFIG_REGION_INDEX = 7;

    // struct vfio_info_cap_header, and the capabilities that begin with it
    public static final int CAP_HEADER_SIZE = 8;
    public static final int CAP_ID = 0;
    public static final int CAP_VERSION = 2;
    public static final int CAP_NEXT = 4;
    public static final int VFIO_REGION_INFO_CAP_SPARSE_MMAP = 1;
    public static final int VFIO_REGION_INFO_CAP_MSIX_MAPPABLE = 3;
    public static final int VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE = 1;
    public static final int VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL = 3;
    /** Number of elements in a capability that has an array, for example {@code nr_areas}. */
    public static final int CAP_COUNT = 8;
    /** Where the array begins. Its elements are pairs of 64 bits: offset and size, or first and last. */
    public static final int CAP_ARRAY = 16;

    public static final int CAP_PAIR_SIZE = 16;

    // struct vfio_irq_info
    public static final int IRQ_INFO_SIZE = 16;
    public static final int IRQ_INFO_COUNT = 12;
    public static final int VFIO_IRQ_INFO_EVENTFD = 1;
    public static final int VFIO_PCI_INTX_IRQ_INDEX = 0;
    public static final int VFIO_PCI_MSI_IRQ_INDEX = 1;
    public static final int VFIO_PCI_MSIX_IRQ_INDEX = 2;
    public static final int VFIO_PCI_ERR_IRQ_INDEX = 3;
    public static final int VFIO_PCI_REQ_IRQ_INDEX = 4;

    // struct vfio_irq_set
    public static final int IRQ_SET_SIZE = 20;
    public static final int IRQ_SET_START = 12;
    public static final int IRQ_SET_COUNT = 16;
    public static final int IRQ_SET_DATA = 20;
    public static final int VFIO_IRQ_SET_DATA_NONE = 1;
    public static final int VFIO_IRQ_SET_DATA_EVENTFD = 4;
    public static final int VFIO_IRQ_SET_ACTION_UNMASK = 0x10;
    public static final int VFIO_IRQ_SET_ACTION_TRIGGER = 0x20;

    // struct vfio_iommu_type1_info
    public static final int IOMMU_INFO_SIZE = 24;
    public static final int IOMMU_PGSIZES = 8;
    public static final int IOMMU_CAP_OFFSET = 16;
    public static final int VFIO_IOMMU_INFO_PGSIZES = 1;
    public static final int VFIO_IOMMU_INFO_CAPS = 2;

    // struct vfio_iommu_type1_dma_map
    public static final int DMA_MAP_SIZE = 32;
    public static final int DMA_MAP_VADDR = 8;
    public static final int DMA_MAP_IOVA = 16;
    public static final int DMA_MAP_LENGTH = 24;
    public static final int VFIO_DMA_MAP_FLAG_READ = 1;
    public static final int VFIO_DMA_MAP_FLAG_WRITE = 2;

    // struct vfio_iommu_type1_dma_unmap
    public static final int DMA_UNMAP_SIZE = 24;
    public static final int DMA_UNMAP_IOVA = 8;
    public static final int DMA_UNMAP_LENGTH = 16;

    private VfioAbi() {}
}
