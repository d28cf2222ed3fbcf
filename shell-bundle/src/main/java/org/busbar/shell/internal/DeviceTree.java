package org.busbar.shell.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciBus.HostStatus;
import org.busbar.shell.internal.Functions.Function;
import org.busbar.shell.internal.text.Cells;
import org.busbar.shell.internal.text.PciNames;

/** Draws the bus: hosts, below them their functions, those behind a bridge below the bridge. */
final class DeviceTree {

    private static final int BRIDGE_CLASS = 0x0604;
    private static final int SECONDARY_BUS = 0x19; // PCI-to-PCI Bridge Architecture 1.2, section 3.2.5.4
    private static final int NAME_WIDTH = 46;

    private final PciNames names;
    private final StringBuilder text = new StringBuilder();
    private final Map<Long, List<Function>> byBus = new LinkedHashMap<>();
    private final Map<PciAddress, Long> behind = new LinkedHashMap<>();

    private DeviceTree(PciNames names) {
        this.names = names;
    }

    static String draw(PciBus bus, PciNames names) {
        Functions functions = Functions.of(bus);
        List<String> parts = new ArrayList<>();
        for (HostStatus host : bus.hosts()) {
            DeviceTree tree = new DeviceTree(names);
            tree.host(
                    host,
                    functions.all()
                            .stream()
                            .filter(function -> function.device().host().equals(host.name()))
                            .toList());
            parts.add(tree.text.toString().stripTrailing());
        }
        return parts.isEmpty() ? "no host: no PCI bus to look at" : String.join("\n", parts);
    }

    private void host(HostStatus host, List<Function> functions) {
        text.append(host.name())
                .append("  ")
                .append(functions.size())
                .append(functions.size() == 1 ? " function, " : " functions, ")
                .append(host.watching())
                .append('\n');
        host.problems().forEach(problem -> text.append("!  ").append(problem).append('\n'));
        for (Function function : functions) {
            PciAddress address = function.device().address();
            byBus.computeIfAbsent(key(address.domain(), address.bus()), bus -> new ArrayList<>())
                    .add(function);
        }
        Set<Long> hidden = new HashSet<>();
        for (Function function : functions) {
            if (function.device().ids().classCode() >>> 8 == BRIDGE_CLASS) {
                findSecondary(function, hidden);
            }
        }
        List<Function> roots = byBus.entrySet()
                .stream()
                .filter(bus -> !hidden.contains(bus.getKey()))
                .flatMap(bus -> bus.getValue().stream())
                .collect(Collectors.toList());
        branches(roots, "");
    }

    private void findSecondary(Function bridge, Set<Long> hidden) {
        PciAddress address = bridge.device().address();
        try {
            int secondary = bridge.device().config().read8(SECONDARY_BUS);
            long key = key(address.domain(), secondary);
            // A bridge's other side has a higher number; anything else is garbage, and could be a circle.
            if (secondary > address.bus() && byBus.containsKey(key) && hidden.add(key)) {
                behind.put(address, key);
            }
        } catch (IOException | IllegalStateException e) {
            // Gone or not readable: what is behind it is shown beside it.
        }
    }

    private void branches(List<Function> functions, String indent) {
        for (int i = 0; i < functions.size(); i++) {
            Function function = functions.get(i);
            boolean last = i == functions.size() - 1;
            line(function, indent + (last ? "└─ " : "├─ "));
            Long secondary = behind.get(function.device().address());
            if (secondary != null) {
                branches(byBus.getOrDefault(secondary, List.of()), indent + (last ? "   " : "│  "));
            }
        }
    }

    private void line(Function function, String prefix) {
        StringBuilder line = new StringBuilder(prefix)
                .append(function.device().address())
                .append("  ")
                .append(function.device().ids().deviceText())
                .append("  ");
        String name = names.kind(function.device().ids().classCode()) + ", "
                + names.device(function.device().ids());
        int room = NAME_WIDTH + 3 - prefix.length();
        String shown = Cells.fit(name, room);
        line.append(shown).repeat(' ', Math.max(0, room - shown.length())).append("  ");
        line.append(state(function));
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private static String state(Function function) {
        String state = function.state().state.toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        String driver = Functions.driver(function);
        boolean kernel = driver.startsWith("(");
        if (kernel) {
            return "kernel: " + driver.substring(1, driver.length() - 1);
        }
        return driver.equals("-") ? state : state + ": " + driver;
    }

    private static long key(int domain, int bus) {
        return (long) domain << 8 | bus;
    }
}
