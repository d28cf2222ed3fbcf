package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Features that are set again after a reset. */
class FeatureAccessTest {

    private static final int SAVE = 1 << 31;
    private static final Deadline SOON = Deadline.afterMillis(20_000);

    private final List<NvmeCommand> sent = new ArrayList<>();
    private int refused;

    private final AdminPort port = new AdminPort() {
        @Override
        public NvmeCompletion execute(
                String what, NvmeCommand command, @Nullable Transfer transfer, Deadline deadline) {
            sent.add(command);
            int code = (command.dword10() & 0xff) == refused ? 2 : 0;
            return new NvmeCompletion(new NvmeStatus(0, code, false, false), 0);
        }

        @Override
        public Transfer transfer(String what, int bytes) {
            throw new AssertionError("none of these features has data");
        }
    };

    @Test
    void L5_aFeatureThatIsRefusedAfterAResetKeepsNoOtherFromBeingSet() throws Exception {
        FeatureAccess features = new FeatureAccess(port);
        features.set(0x04, 0, 350, 0, false, new byte[0], SOON);
        features.set(0x08, 0, 7, 0, false, new byte[0], SOON);
        sent.clear();
        refused = 0x04;
        List<String> complaints = new ArrayList<>();
        features.restore(port, complaints::add, SOON);
        assertThat(sent).extracting(NvmeCommand::dword10).containsExactly(0x04, 0x08);
        assertThat(complaints).singleElement().asString().contains("04h");
    }

    @Test
    void everyInterruptVectorHasAValueOfItsOwnAndNothingIsSavedAgain() throws Exception {
        FeatureAccess features = new FeatureAccess(port);
        features.set(0x09, 0, 1 | 1 << 16, 0, true, new byte[0], SOON);
        features.set(0x09, 0, 2 | 1 << 16, 0, false, new byte[0], SOON);
        assertThat(sent.getFirst().dword10()).isEqualTo(SAVE | 0x09);
        sent.clear();
        features.restore(port, text -> {}, SOON);
        assertThat(sent).extracting(NvmeCommand::dword10).containsExactly(0x09, 0x09);
        assertThat(sent).extracting(NvmeCommand::dword11).containsExactly(1 | 1 << 16, 2 | 1 << 16);
    }
}
