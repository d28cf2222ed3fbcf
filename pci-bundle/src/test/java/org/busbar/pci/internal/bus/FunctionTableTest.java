package org.busbar.pci.internal.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.busbar.device.DeviceId;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostSnapshot;
import org.junit.jupiter.api.Test;

class FunctionTableTest {

    static final int SLOTS = 4;

    /** What a few hosts report of the same few slots, and who reported each slot first. */
    private static final class Model {
        final List<AttachedHost> hosts = new ArrayList<>();
        final List<Map<PciAddress, HostFunction>> slots = new ArrayList<>();
        final Map<PciAddress, List<AttachedHost>> queue = new HashMap<>();

        Model(int count) {
            for (int i = 0; i < count; i++) {
                hosts.add(new AttachedHost(new FakeHost("host" + i), new Bus(new FakeSession(), null),
                        new DeviceServices(null, "host" + i)));
                slots.add(new TreeMap<>());
            }
        }

        /** Changes one slot of a host: empties it if it is full, fills it if it is empty, or swaps what is in it. */
        void change(int host, PciAddress address, boolean swap) {
            List<AttachedHost> claimants = queue.computeIfAbsent(address, slot -> new ArrayList<>());
            if (slots.get(host).containsKey(address) && !swap) {
                slots.get(host).remove(address);
                claimants.remove(hosts.get(host));
            } else {
                if (slots.get(host).put(address, FakeFunction.at(address, 0x010802)) == null) {
                    claimants.add(hosts.get(host));
                }
            }
        }

        HostSnapshot snapshot(int host) {
            return new HostSnapshot(List.copyOf(slots.get(host).values()), List.of());
        }

        HostFunction expected(PciAddress address) {
            List<AttachedHost> claimants = queue.getOrDefault(address, List.of());
            return claimants.isEmpty() ? null : slots.get(hosts.indexOf(claimants.getFirst())).get(address);
        }
    }

    /** Each step: which host (of three), which slot, swap or not. */
    @Property(tries = 500)
    void L1_everyAddressBelongsToWhoeverReportedItFirst(
            @ForAll @Size(max = 60) List<@IntRange(max = 3 * SLOTS * 2 - 1) Integer> steps) {
        Model model = new Model(3);
        FunctionTable table = new FunctionTable("pci");
        Map<String, DeviceId> told = new HashMap<>();
        Set<Long> generations = new HashSet<>();
        for (int step : steps) {
            int host = step % 3;
            PciAddress changed = new PciAddress(0, step / 3 % SLOTS, 0, 0);
            HostSnapshot before = model.snapshot(host);
            model.change(host, changed, step / (3 * SLOTS) == 1);

            BusChange change = table.apply(model.hosts.get(host), SnapshotDiff.between(before, model.snapshot(host)));

            change.gone()
                    .forEach(function -> assertThat(told.remove(function.address().toString()))
                            .isEqualTo(function.id()));
            change.come().forEach(function -> {
                assertThat(told.put(function.address().toString(), function.id())).isNull();
                assertThat(generations.add(function.id().generation())).isTrue();
            });
            for (int slot = 0; slot < SLOTS; slot++) {
                PciAddress address = new PciAddress(0, slot, 0, 0);
                PciFunction found = table.get(address);
                assertThat(found == null ? null : found.source()).isSameAs(model.expected(address));
                assertThat(told.get(address.toString())).isEqualTo(found == null ? null : found.id());
                assertThat(table.conflicts(model.hosts.get(host)).stream().anyMatch(c -> c.startsWith(address + ":")))
                        .isEqualTo(model.queue.getOrDefault(address, List.of()).indexOf(model.hosts.get(host)) > 0);
            }
        }
    }

    @Test
    void aHostThatLeavesLeavesItsAddressesToThoseThatWait() {
        Model model = new Model(3);
        FunctionTable table = new FunctionTable("pci");
        PciAddress address = new PciAddress(0, 1, 0, 0);
        for (int host = 0; host < 3; host++) {
            model.change(host, address, false);
            table.apply(model.hosts.get(host), SnapshotDiff.between(null, model.snapshot(host)));
        }

        table.removeAll(model.hosts.get(1));
        BusChange change = table.removeAll(model.hosts.get(0));

        assertThat(change.replaced()).containsExactly(address);
        assertThat(table.get(address)).isNotNull()
                .extracting(PciFunction::attachedHost)
                .isEqualTo(model.hosts.get(2));
        assertThat(table.conflicts(model.hosts.get(2))).isEmpty();
    }
}
