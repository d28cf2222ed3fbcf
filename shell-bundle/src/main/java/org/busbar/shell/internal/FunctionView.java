package org.busbar.shell.internal;

import org.busbar.device.dto.DeviceDTO;
import org.busbar.pci.PciDevice;
import org.busbar.shell.internal.Functions.Function;
import org.busbar.shell.internal.text.PciNames;
import org.jspecify.annotations.Nullable;

/**
 * A function in its JSON form.
 *
 * @param address where it is
 * @param name vendor and device in words
 * @param className its class in words
 * @param kernelDriver the kernel driver that has it, or null
 * @param slot its slot, or null
 * @param numaNode the NUMA node near it, or null
 * @param iommuGroup its IOMMU group, or null
 * @param device its state
 */
record FunctionView(
        String address,
        String name,
        String className,
        @Nullable String kernelDriver,
        @Nullable String slot,
        @Nullable Integer numaNode,
        @Nullable Integer iommuGroup,
        DeviceDTO device) {

    static FunctionView of(Function function, PciNames names) {
        PciDevice device = function.device();
        return new FunctionView(
                device.address().toString(),
                names.device(device.ids()),
                names.kind(device.ids().classCode()),
                device.kernelDriver().orElse(null),
                device.slot().orElse(null),
                device.numaNode().isPresent() ? device.numaNode().getAsInt() : null,
                device.iommuGroup().isPresent() ? device.iommuGroup().getAsInt() : null,
                function.state());
    }
}
