package org.busbar.emulator.internal.function;

import java.util.function.Consumer;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.DeviceModel;

/**
 * What writes to configuration space do to a card.
 *
 * @param decodes told whether registers are reached
 */
record ConfigEffects(Iommu iommu, MessageVectors vectors, DeviceModel model, Consumer<Boolean> decodes)
        implements
            ConfigRegisters.Effects {

    @Override
    public void command(int value) {
        decodes.accept((value & ConfigImage.MEMORY_ENABLE) != 0);
        iommu.busMaster((value & ConfigImage.BUS_MASTER) != 0);
    }

    @Override
    public void messageControl(int value) {
        vectors.control(value);
    }

    @Override
    public void initiateReset() {
        model.startReset();
    }
}
