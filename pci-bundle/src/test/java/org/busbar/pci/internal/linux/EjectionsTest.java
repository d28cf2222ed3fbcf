package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionNotices;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EjectionsTest {

    private static final String SSD = "0000:01:00.0";
    private static final PciAddress ADDRESS = PciAddress.parse(SSD);

    @TempDir
    Path dir;

    private final Set<PciAddress> onVfio = new HashSet<>(Set.of(ADDRESS));
    private final Ejections ejections = new Ejections(onVfio::contains);
    private final Counting notices = new Counting();

    @BeforeEach
    void wantBack() throws Exception {
        Tree tree = new Tree(dir.resolve("sys"));
        new FakeKernel(tree).load("vfio-pci").add(SSD, "1B36:0010", "10802", "nvme");
        Sysfs sysfs = tree.sysfs();
        LinuxFunction function = (LinuxFunction) new DeviceScanner(
                sysfs, (identity, ids) -> new LinuxFunction(sysfs, unknown -> Optional.empty(), identity, ids))
                .scan(null)
                .functions()
                .getFirst();
        ejections.asked(function, notices);
    }

    @Test
    void L10_cardThatIsBoundToVfioAgainIsNotTakenOut() {
        ejections.unbound(ADDRESS);
        ejections.bound(ADDRESS);
        assertThat(notices.cancelled).isEqualTo(1);
        ejections.unbound(ADDRESS);
        ejections.bound(ADDRESS);
        assertThat(notices.cancelled).as("it is not wanted any more").isEqualTo(1);
    }

    @Test
    void L11_eventsOfBeforeTheCardWasLetGoAreNotBelieved() {
        ejections.bound(ADDRESS);
        assertThat(notices.cancelled).isZero();
    }

    @Test
    void L11_eventThatSysfsDoesNotBearOutIsNotBelieved() {
        onVfio.clear(); // a kernel driver has it
        ejections.unbound(ADDRESS);
        ejections.bound(ADDRESS);
        assertThat(notices.cancelled).isZero();
        onVfio.add(ADDRESS);
        ejections.unbound(ADDRESS);
        ejections.bound(ADDRESS);
        assertThat(notices.cancelled).as("and then it is vfio-pci's").isEqualTo(1);
    }

    @Test
    void L1_nextCardInTheSlotHasNothingToDoWithIt() {
        ejections.unbound(ADDRESS);
        ejections.gone(ADDRESS);
        ejections.bound(ADDRESS);
        assertThat(notices.cancelled).isZero();
    }

    private static final class Counting implements FunctionNotices {
        int cancelled;

        @Override
        public void ejectRequested() {}

        @Override
        public void ejectCancelled() {
            cancelled++;
        }

        @Override
        public void maybeGone() {}

        @Override
        public void error(String what) {}
    }
}
