package org.busbar.pci.internal.bus;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who is at which address. An address that several hosts report belongs to the first; the others wait, in order, until
 * it is free. Changed by one thread at a time, read by any.
 */
@SuppressWarnings("ReferenceEquality") // functions of hosts are compared by identity, as their contract says
final class FunctionTable {

    private final String bus;
    private final AtomicLong generations = new AtomicLong();
    private final NavigableMap<PciAddress, PciFunction> present = new ConcurrentSkipListMap<>();
    private final Map<PciAddress, List<Claim>> waiting = new ConcurrentSkipListMap<>();

    /** A function whose address another host's function has. */
    private record Claim(AttachedHost host, HostFunction function) {}

    FunctionTable(String bus) {
        this.bus = bus;
    }

    @Nullable
    PciFunction get(PciAddress address) {
        return present.get(address);
    }

    /** Returns the functions that are present, by address, as they change. */
    Collection<PciFunction> all() {
        return Collections.unmodifiableCollection(present.values());
    }

    /** Returns the functions of a host. */
    List<PciFunction> of(AttachedHost host) {
        return present.values().stream().filter(f -> f.attachedHost() == host).toList();
    }

    /** Returns in words which functions of a host are not used because another host has their address. */
    List<String> conflicts(AttachedHost host) {
        List<String> conflicts = new ArrayList<>();
        waiting.forEach((address, claims) -> {
            PciFunction owner = present.get(address);
            if (owner != null && claims.stream().anyMatch(claim -> claim.host() == host)) {
                conflicts.add(address + ": not used, because host " + owner.host()
                        + " reports a function at the same address; give one of the hosts another domain");
            }
        });
        return conflicts;
    }

    BusChange apply(AttachedHost host, SnapshotDiff diff) {
        Applied applied = new Applied();
        diff.removed().forEach(function -> applied.remove(host, function));
        diff.replaced().forEach(pair -> applied.replace(host, pair.before(), pair.after()));
        diff.added().forEach(function -> applied.add(host, function));
        return applied.change();
    }

    /** Removes everything of a host. */
    BusChange removeAll(AttachedHost host) {
        waiting.forEach((address, claims) -> keepWaiting(address,
                claims.stream().filter(claim -> claim.host() != host).toList()));
        Applied applied = new Applied();
        of(host).forEach(function -> applied.remove(host, function.source()));
        return applied.change();
    }

    private void keepWaiting(PciAddress address, List<Claim> claims) {
        if (claims.isEmpty()) {
            waiting.remove(address);
        } else {
            waiting.put(address, claims);
        }
    }

    /** One change of the table, step by step. */
    private final class Applied {
        private final List<PciAddress> added = new ArrayList<>();
        private final List<PciAddress> removed = new ArrayList<>();
        private final List<PciAddress> replaced = new ArrayList<>();
        private final List<PciFunction> gone = new ArrayList<>();
        private final List<PciFunction> come = new ArrayList<>();

        void add(AttachedHost host, HostFunction function) {
            PciAddress address = function.address();
            if (present.containsKey(address)) {
                List<Claim> claims = new ArrayList<>(waiting.getOrDefault(address, List.of()));
                claims.add(new Claim(host, function));
                waiting.put(address, List.copyOf(claims));
            } else {
                put(host, function);
                added.add(address);
            }
        }

        void remove(AttachedHost host, HostFunction function) {
            PciAddress address = function.address();
            if (!takeOut(host, function)) {
                keepWaiting(address, waiting.getOrDefault(address, List.of())
                        .stream()
                        .filter(claim -> claim.function() != function)
                        .toList());
                return;
            }
            List<Claim> heirs = waiting.getOrDefault(address, List.of());
            if (heirs.isEmpty()) {
                removed.add(address);
            } else {
                keepWaiting(address, heirs.subList(1, heirs.size()));
                put(heirs.getFirst().host(), heirs.getFirst().function());
                replaced.add(address);
            }
        }

        void replace(AttachedHost host, HostFunction before, HostFunction after) {
            PciAddress address = before.address();
            if (takeOut(host, before)) {
                put(host, after);
                replaced.add(address);
            } else {
                keepWaiting(address, waiting.getOrDefault(address, List.of())
                        .stream()
                        .map(claim -> claim.function() == before ? new Claim(host, after) : claim)
                        .toList());
            }
        }

        private void put(AttachedHost host, HostFunction function) {
            PciFunction newcomer = new PciFunction(bus, generations.incrementAndGet(), host, function);
            present.put(function.address(), newcomer);
            come.add(newcomer);
        }

        private boolean takeOut(AttachedHost host, HostFunction function) {
            PciFunction owner = present.get(function.address());
            if (owner == null || owner.attachedHost() != host || owner.source() != function) {
                return false;
            }
            present.remove(function.address());
            owner.markGone();
            gone.add(owner);
            return true;
        }

        BusChange change() {
            return new BusChange(added, removed, replaced, gone, come, CompletableFuture.completedFuture(null));
        }
    }
}
