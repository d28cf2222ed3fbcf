package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.vfio.Revocation;
import org.jspecify.annotations.Nullable;

/** A device of another process, for as long as the connection to it lasts. */
final class UserFunction implements HostFunction {

    private static final int CLASS_AND_REVISION = 0x08;
    private static final int SUBSYSTEM = 0x2c;
    private static final int FIRST_BAR = 0x10;
    private static final int BARS = 6;

    private final String slot;
    private final PciAddress address;
    private final UserDevice device;
    private final UserDmaSpace memory;
    private final Revocation presence;
    private final ConfigSpace config;
    private final PciIds ids;
    private final int revision;
    private final List<BarInfo> bars;
    private final AtomicReference<@Nullable UserFunctionHandle> handle = new AtomicReference<>();

    /**
     * Reads what the device says it is.
     *
     * @param slot name of the endpoint
     * @throws IOException if it is no PCI function
     */
    UserFunction(String slot, PciAddress address, UserDevice device, UserDmaSpace memory) throws IOException {
        this.slot = slot;
        this.address = address;
        this.device = device;
        this.memory = memory;
        presence = new Revocation(address + " (" + slot + ")");
        config = device.config(presence);
        try {
            int vendor = config.read16(0);
            if (vendor == 0xffff || vendor == 0) {
                throw new IOException("has no PCI function behind it: vendor ID %04x".formatted(vendor));
            }
            int kind = config.read32(CLASS_AND_REVISION);
            ids = new PciIds(vendor, config.read16(2), config.read16(SUBSYSTEM), config.read16(SUBSYSTEM + 2),
                    kind >>> 8);
            revision = kind & 0xff;
            bars = readBars();
        } catch (DeviceGoneException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The registers say of what kind they are (PCI Local Bus 3.0, section 6.2.5.1), the regions how large. */
    private List<BarInfo> readBars() {
        List<BarInfo> found = new ArrayList<>();
        for (int index = 0; index < BARS; index++) {
            long size = device.region(index).size();
            if (size > 0) {
                int register = config.read32(FIRST_BAR + 4 * index);
                BarInfo.Kind kind = (register & 1) != 0
                        ? BarInfo.Kind.IO
                        : (register & 6) == 4 ? BarInfo.Kind.MEMORY64 : BarInfo.Kind.MEMORY32;
                found.add(new BarInfo(index, size, kind, kind != BarInfo.Kind.IO && (register & 8) != 0));
            }
        }
        return List.copyOf(found);
    }

    @Override
    public PciAddress address() {
        return address;
    }

    @Override
    public PciIds ids() {
        return ids;
    }

    @Override
    public Optional<String> slot() {
        return Optional.of(slot);
    }

    @Override
    public OptionalInt numaNode() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt iommuGroup() {
        return OptionalInt.empty();
    }

    @Override
    public Optional<String> kernelDriver() {
        return Optional.empty();
    }

    @Override
    public OptionalInt revision() {
        return OptionalInt.of(revision);
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }

    @Override
    public List<BarInfo> bars() {
        return bars;
    }

    @Override
    public ConfigSpace config() {
        return config;
    }

    FunctionHandle open(FunctionNotices notices) throws OpenException {
        UserFunctionHandle opened;
        try {
            presence.check();
            opened = new UserFunctionHandle(this, device, memory, notices);
        } catch (DeviceGoneException | IOException e) {
            throw new OpenException(OpenException.Reason.GONE, address + " cannot be opened: " + e.getMessage(), e);
        }
        boolean done = false;
        try {
            if (!handle.compareAndSet(null, opened)) {
                throw new OpenException(OpenException.Reason.BUSY, address + " is open already; close it first");
            }
            opened.start();
            done = true;
        } catch (DeviceGoneException | IOException e) {
            if (e instanceof OpenException open) {
                throw open;
            }
            throw new OpenException(OpenException.Reason.GONE, address + " cannot be opened: " + e.getMessage(), e);
        } finally {
            if (!done) {
                opened.close();
            }
        }
        if (presence.isRevoked()) {
            opened.gone();
        }
        return opened;
    }

    void closed(UserFunctionHandle closed) {
        handle.compareAndSet(closed, null);
    }

    /** The connection has ended. */
    void gone() {
        presence.revoke();
        UserFunctionHandle open = handle.get();
        if (open != null) {
            open.gone();
        }
        device.close();
    }

    @Override
    public String toString() {
        return address + " (" + slot + ")";
    }
}
