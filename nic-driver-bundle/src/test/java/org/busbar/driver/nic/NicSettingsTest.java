package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.busbar.device.ConfigValues;
import org.junit.jupiter.api.Test;

class NicSettingsTest {

    @Test
    void defaultsAreThoseOfTheMetatype() throws Exception {
        NicSettings defaults = NicSettings.read(new ConfigValues(Map.of()));
        for (var setting : NicConfig.class.getDeclaredMethods()) {
            assertThat(NicSettings.class.getDeclaredMethod(setting.getName()).invoke(defaults))
                    .as(setting.getName())
                    .isEqualTo(setting.getDefaultValue());
        }
    }
}
