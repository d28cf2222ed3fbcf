package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.busbar.device.ConfigValues;
import org.junit.jupiter.api.Test;

class NvmeSettingsTest {

    @Test
    void defaultsAreThoseOfTheMetatype() throws Exception {
        NvmeSettings defaults = NvmeSettings.read(new ConfigValues(Map.of()));
        for (var setting : NvmeConfig.class.getDeclaredMethods()) {
            assertThat(NvmeSettings.class.getDeclaredMethod(setting.getName()).invoke(defaults))
                    .as(setting.getName())
                    .isEqualTo(setting.getDefaultValue());
        }
    }
}
