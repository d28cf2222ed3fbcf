package org.busbar.driver.virtionet;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.busbar.device.ProbeException;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.ConfigSpace.Capability;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a device keeps its registers: what its vendor-specific capabilities say (4.1.4).
 *
 * @param common for all kinds of devices (4.1.4.3)
 * @param notification where buffers are announced (4.1.4.4)
 * @param notifyMultiplier bytes between the places of two virtqueues there
 * @param isr interrupt status (4.1.4.5)
 * @param device what only network devices have (5.1.4)
 */
record Structures(Region common, Region notification, int notifyMultiplier, Region isr, Region device) {

    private static final int VENDOR_SPECIFIC = 0x09;
    private static final int BARS = 6;

    // struct virtio_pci_cap
    private static final int CAP_LEN = 2;
    private static final int CFG_TYPE = 3;
    private static final int BAR = 4;
    private static final int OFFSET = 8;
    private static final int LENGTH = 12;
    private static final int NOTIFY_OFF_MULTIPLIER = 16;

    /** The values of cfg_type, from 1, with the least length that makes sense. */
    private enum Type {
        COMMON(0x38),
        NOTIFY(2),
        ISR(1),
        DEVICE(8);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }
    }

    /** Finds the structures; of several of one type, the first that can be used (4.1.4). */
    static Structures find(PciDeviceContext context) throws ProbeException {
        ConfigSpace config = context.config();
        Map<Type, Region> found = new EnumMap<>(Type.class);
        int multiplier = 0;
        for (Capability capability : config.capabilities()) {
            int at = capability.offset();
            int type = capability.id() == VENDOR_SPECIFIC && !capability.extended() ? config.read8(at + CFG_TYPE) : 0;
            if (type < 1 || type > Type.values().length || config.read8(at + CAP_LEN) < NOTIFY_OFF_MULTIPLIER) {
                continue;
            }
            Type kind = Type.values()[type - 1];
            Region region = region(context, config, at);
            if (region != null && region.length() >= kind.bytes && found.putIfAbsent(kind, region) == null
                    && kind == Type.NOTIFY) {
                multiplier = config.read32(at + NOTIFY_OFF_MULTIPLIER);
            }
        }
        return new Structures(
                get(found, Type.COMMON),
                get(found, Type.NOTIFY),
                multiplier,
                get(found, Type.ISR),
                get(found, Type.DEVICE));
    }

    private static Region get(Map<Type, Region> found, Type type) throws ProbeException {
        Region region = found.get(type);
        if (region == null) {
            throw new ProbeException("none of the vendor-specific capabilities says where the " + type
                    + " structure is: the device is no Virtio device of version 1, or its configuration space is damaged");
        }
        return region;
    }

    /** Returns null for what cannot be used: reserved bars, bars that are not there, and more than a bar has. */
    private static @Nullable Region region(PciDeviceContext context, ConfigSpace config, int at) {
        int index = config.read8(at + BAR);
        if (index >= BARS) {
            return null;
        }
        Bar bar;
        try {
            bar = context.bar(index);
        } catch (IOException e) {
            return null;
        }
        long offset = Integer.toUnsignedLong(config.read32(at + OFFSET));
        long length = Integer.toUnsignedLong(config.read32(at + LENGTH));
        return offset + length <= bar.size() && (offset & 3) == 0 ? new Region(bar, offset, length) : null;
    }

    /** Returns where the arrival of buffers in a virtqueue is announced (4.1.4.4). */
    Doorbell doorbell(int queue, int notifyOff) throws ProbeException {
        long at = (long) notifyOff * Integer.toUnsignedLong(notifyMultiplier);
        if (!notification.has(at, 2) || (at & 1) != 0) {
            throw new ProbeException("virtqueue " + queue + " is to be notified at " + at
                    + ", which is outside the structure of " + notification.length() + " bytes");
        }
        return new Doorbell(notification.bar(), notification.offset() + at, queue);
    }
}
