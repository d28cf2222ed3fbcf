package org.busbar.pci.internal.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.AbstractList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostSnapshot;
import org.junit.jupiter.api.Test;

class SnapshotDiffTest {

    /** Each slot is empty before and after (0), only before (1), only after (2), the same (3) or replaced (4). */
    @Property
    void L1_everySlotIsToldAsWhatHappenedToIt(@ForAll @Size(max = 80) List<@IntRange(max = 4) Integer> slots) {
        Map<PciAddress, HostFunction> before = new TreeMap<>();
        Map<PciAddress, HostFunction> after = new TreeMap<>();
        Set<PciAddress> added = new HashSet<>();
        Set<PciAddress> removed = new HashSet<>();
        Set<PciAddress> replaced = new HashSet<>();
        for (int slot = 0; slot < slots.size(); slot++) {
            PciAddress address = new PciAddress(slot % 3, slot, 0, 0);
            int fate = slots.get(slot);
            HostFunction old = FakeFunction.at(address, 0x010802);
            if (fate == 1 || fate >= 3) {
                before.put(address, old);
            }
            if (fate >= 2) {
                after.put(address, fate == 3 ? old : FakeFunction.at(address, 0x010802));
            }
            switch (fate) {
                case 1 -> removed.add(address);
                case 2 -> added.add(address);
                case 4 -> replaced.add(address);
                default -> {}
            }
        }

        SnapshotDiff diff = SnapshotDiff.between(snapshot(before), snapshot(after));

        assertThat(diff.added()).extracting(HostFunction::address).doesNotHaveDuplicates().hasSameElementsAs(added);
        assertThat(diff.removed()).extracting(HostFunction::address).doesNotHaveDuplicates().hasSameElementsAs(removed);
        assertThat(diff.replaced()).extracting(pair -> pair.after().address())
                .doesNotHaveDuplicates()
                .hasSameElementsAs(replaced);
        assertThat(diff.replaced()).allSatisfy(pair -> {
            assertThat(pair.before()).isSameAs(before.get(pair.before().address()));
            assertThat(pair.after()).isSameAs(after.get(pair.before().address()));
        });
    }

    private static HostSnapshot snapshot(Map<PciAddress, HostFunction> functions) {
        return new HostSnapshot(List.copyOf(functions.values()), List.of());
    }

    @Test
    void L3_theSameSnapshotAgainIsNotEvenWalked() {
        HostSnapshot snapshot = new HostSnapshot(new AbstractList<>() {
            @Override
            public HostFunction get(int index) {
                throw new AssertionError("walked");
            }

            @Override
            public int size() {
                throw new AssertionError("walked");
            }
        }, List.of());

        assertThat(SnapshotDiff.between(snapshot, snapshot).isEmpty()).isTrue();
    }

    @Test
    void functionsOutOfOrderOrTwiceAreRefused() {
        HostFunction a = FakeFunction.at("0000:01:00.0");
        HostFunction b = FakeFunction.at("0000:02:00.0");

        assertThatThrownBy(() -> SnapshotDiff.between(null, new HostSnapshot(List.of(b, a), List.of())))
                .hasMessage("functions out of order: 0000:01:00.0 after 0000:02:00.0");
        assertThatThrownBy(() -> SnapshotDiff.between(null, new HostSnapshot(List.of(a, a), List.of())))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
