package org.busbar.emulator.internal;

import org.busbar.emulator.Card;
import org.busbar.emulator.internal.edu.EduModel;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.nic.NicModel;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.emulator.internal.virtio.VirtioNetModel;

/** Which model stands for which card. */
final class Models {

    private final NetworkSwitch network;

    /**
     * @param network what NICs are joined to
     */
    Models(NetworkSwitch network) {
        this.network = network;
    }

    /**
     * Makes a card that is not plugged in yet.
     *
     * @throws IllegalArgumentException if it cannot be made; the message says why
     */
    DeviceModel create(Card card) {
        return switch (card) {
            case Card.Nvme nvme -> new NvmeModel(nvme);
            case Card.Nic nic -> new NicModel(nic, network);
            case Card.VirtioNet virtio -> new VirtioNetModel(virtio, network);
            case Card.Edu _ -> new EduModel();
        };
    }
}
