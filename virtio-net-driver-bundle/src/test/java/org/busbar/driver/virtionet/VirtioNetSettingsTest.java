package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.busbar.device.ConfigValues;
import org.junit.jupiter.api.Test;

class VirtioNetSettingsTest {

    @Test
    void sizesThatNoRingAndNoBufferCanHaveAreNamed() {
        ConfigValues values = new ConfigValues(Map.of("ringSize", "300", "bufferBytes", "2050", "queuePairs", "2"));
        VirtioNetSettings settings = VirtioNetSettings.read(values);
        assertThat(settings.queuePairs()).isEqualTo(2);
        assertThat(settings.ringSize()).isEqualTo(256);
        assertThat(settings.bufferBytes()).isEqualTo(2048);
        assertThat(values.problems()).containsExactly(
                "bufferBytes '2050': write a multiple of 64, for example bufferBytes=2048",
                "ringSize '300': write a power of two, for example ringSize=256");
    }

    @Test
    void defaultsAreThoseOfTheMetatype() throws Exception {
        VirtioNetSettings defaults = VirtioNetSettings.read(new ConfigValues(Map.of()));
        for (var setting : VirtioNetConfig.class.getDeclaredMethods()) {
            assertThat(VirtioNetSettings.class.getDeclaredMethod(setting.getName()).invoke(defaults))
                    .as(setting.getName())
                    .isEqualTo(setting.getDefaultValue());
        }
    }
}
