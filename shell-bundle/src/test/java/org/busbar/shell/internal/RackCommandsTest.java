package org.busbar.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.busbar.emulator.Rack.IommuFault;
import org.junit.jupiter.api.Test;

class RackCommandsTest {

    @Test
    void accessesOutsideOfMappingsAreShown() {
        assertThat(RackCommands.strays(List.of())).isEmpty();
        assertThat(RackCommands.strays(List.of(new IommuFault(1, 0, 4, false), new IommuFault(3, 0xfee0, 64, true))))
                .isEqualTo("\n!  2 accesses outside of what drivers have mapped,"
                        + " the latest a write of 64 bytes at 0xfee0 by slot 3");
    }
}
