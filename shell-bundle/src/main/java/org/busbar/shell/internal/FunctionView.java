package org.busbar.shell.internal;

import java.io.IOException;
import java.util.List;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace.Capability;
import org.busbar.pci.PciDevice;
import org.busbar.shell.internal.Functions.Function;
import org.busbar.shell.internal.text.CapabilityNames;
import org.busbar.shell.internal.text.PciNames;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * @param revision its revision, or null; this and the next two only where one function is shown: reading them takes long
 * @param bars its base address registers
 * @param capabilities its capabilities
 */
record FunctionView(
        String address,
        String name,
        String className,
        @Nullable String kernelDriver,
        @Nullable String slot,
        @Nullable Integer numaNode,
        @Nullable Integer iommuGroup,
        DeviceDTO device,
        @Nullable Integer revision,
        @Nullable List<BarInfo> bars,
        @Nullable List<CapabilityView> capabilities) {

    private static final Logger LOG = LoggerFactory.getLogger(FunctionView.class);

    /** A capability, with its name. */
    record CapabilityView(int id, int offset, boolean extended, String name) {

        static CapabilityView of(Capability capability) {
            return new CapabilityView(
                    capability.id(), capability.offset(), capability.extended(), CapabilityNames.of(capability));
        }
    }

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
                function.state(),
                null,
                null,
                null);
    }

    /** Returns the function with what has to be read from itself; what cannot be read is left out. */
    static FunctionView detailed(Function function, PciNames names) {
        PciDevice device = function.device();
        FunctionView view = of(function, names);
        List<BarInfo> bars = null;
        List<CapabilityView> capabilities = null;
        try {
            bars = device.bars();
            capabilities = device.config().capabilities().stream().map(CapabilityView::of).toList();
        } catch (IOException | DeviceGoneException e) {
            LOG.debug("{} is not shown as a whole", device.address(), e);
        }
        return new FunctionView(
                view.address, view.name, view.className, view.kernelDriver, view.slot, view.numaNode, view.iommuGroup,
                view.device, device.revision().isPresent() ? device.revision().getAsInt() : null, bars, capabilities);
    }
}
