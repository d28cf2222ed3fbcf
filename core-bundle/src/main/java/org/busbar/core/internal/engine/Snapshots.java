package org.busbar.core.internal.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.busbar.core.internal.match.DriverEntry;
import org.busbar.core.internal.policy.DriverOverride;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.dto.BusDTO;
import org.busbar.device.dto.CandidateDTO;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.device.dto.DriverDTO;
import org.busbar.device.dto.FailureDTO;

/** Takes snapshots. Runs on the worker, except for {@link #describe}. */
final class Snapshots {

    private static final int LATEST_FAILURES = 10;

    /** A snapshot whose devices are still to be described by their bus, on the thread of whoever wants it. */
    record Draft(BusDTO bus, List<BusDevice> devices) {}

    private final BusState bus;
    private final Waiters waiters;

    Snapshots(BusState bus, Waiters waiters) {
        this.bus = bus;
        this.waiters = waiters;
    }

    Draft take() {
        Draft draft = new Draft(new BusDTO(), new ArrayList<>());
        BusDTO dto = draft.bus();
        dto.name = bus.bus;
        dto.settled = waiters.isSettled();
        dto.probes = bus.probes;
        List<DeviceRecord> devices = new ArrayList<>(bus.devices.values());
        bus.departing.forEach((address, device) -> {
            if (!bus.devices.containsKey(address)) {
                devices.add(device);
            }
        });
        devices.sort(Comparator.comparing(DeviceRecord::address));
        Map<DriverState, List<String>> driven = new HashMap<>();
        for (DeviceRecord device : devices) {
            dto.devices.add(device(device));
            draft.devices().add(device.presence.device());
            Tenure tenure = device.tenure;
            if (tenure != null && tenure.phase() == Tenure.Phase.BOUND) {
                driven.computeIfAbsent(tenure.driver(), d -> new ArrayList<>()).add(device.address());
            }
        }
        bus.drivers.values()
                .stream()
                .sorted(Comparator.comparing((DriverState d) -> d.entry.name())
                        .thenComparingLong(d -> d.entry.serviceId()))
                .forEach(driver -> dto.drivers.add(driver(driver, driven.getOrDefault(driver, List.of()))));
        return draft;
    }

    /** Has the bus describe the devices. */
    static BusDTO describe(Draft draft) {
        for (int i = 0; i < draft.devices().size(); i++) {
            draft.bus().devices.get(i).properties.putAll(draft.devices().get(i).properties());
        }
        return draft.bus();
    }

    private static DriverDTO driver(DriverState driver, List<String> devices) {
        DriverEntry entry = driver.entry;
        DriverDTO dto = new DriverDTO();
        dto.name = entry.name();
        dto.bundle = entry.identity().bundle();
        dto.version = entry.version();
        dto.serviceId = entry.serviceId();
        dto.ranking = entry.ranking();
        dto.keys.addAll(entry.keys());
        dto.devices.addAll(devices);
        dto.problem = entry.problem();
        return dto;
    }

    private DeviceDTO device(DeviceRecord device) {
        DeviceDTO dto = new DeviceDTO();
        dto.address = device.address();
        dto.generation = device.id().generation();
        dto.state = device.state.name();
        dto.reason = device.reason;
        dto.since = device.since.toEpochMilli();
        dto.probes = device.probes;
        Tenure tenure = device.tenure;
        if (tenure != null) {
            dto.driver = tenure.pair().name();
            dto.services.addAll(tenure.grant().services());
        }
        for (Pair pair : device.pairs) {
            CandidateDTO candidate = new CandidateDTO();
            candidate.driver = pair.name();
            candidate.serviceId = pair.driver().serviceId();
            candidate.key = pair.candidate().key().text();
            candidate.score = pair.candidate().key().score();
            candidate.failures = pair.state().failures();
            candidate.obstacle = obstacle(device, pair);
            failures(pair, candidate);
            dto.candidates.add(candidate);
        }
        return dto;
    }

    private void failures(Pair pair, CandidateDTO candidate) {
        for (FailureLog.Failure failure : pair.failureLog().latest(LATEST_FAILURES)) {
            FailureDTO dto = new FailureDTO();
            dto.time = failure.time().toEpochMilli();
            dto.what = failure.what();
            candidate.latestFailures.add(dto);
        }
        candidate.recentFailures =
                pair.failureLog().recent(bus.now(), bus.policy.supervision().window());
        candidate.quarantined = pair.state() instanceof PairState.Quarantined;
        if (pair.state() instanceof PairState.BackingOff off) {
            candidate.nextAttempt =
                    bus.env.scheduler().now().plusNanos(off.retryAt() - bus.now()).toEpochMilli();
        }
    }

    /** Returns what stands between a driver and a device: first what concerns the device, then what concerns the pair. */
    private String obstacle(DeviceRecord device, Pair pair) {
        Tenure tenure = device.tenure;
        if (tenure != null && tenure.pair() == pair) {
            return "";
        }
        Optional<String> denial = bus.policy.denial(device.address(), device.presence.keys());
        if (denial.isPresent()) {
            return denial.get();
        }
        Optional<DriverOverride> override = bus.policy.override(device.address(), device.presence.keys());
        if (override.isPresent() && !override.get().driver().equals(pair.name())) {
            return "excluded by policy override '" + override.get() + "'";
        }
        if (device.choice.lasting() instanceof Choice.BoundTo to && !to.driver().equals(pair.name())) {
            return "an operator has bound the device to " + to.driver();
        }
        Optional<String> known = pairObstacle(pair);
        if (known.isPresent()) {
            return known.get();
        }
        if (tenure != null) {
            String holder = tenure.pair().name();
            boolean better = tenure.pair().candidate().compareTo(pair.candidate()) < 0;
            return better ? "another driver fits better: " + holder : holder + " has the device: " + device.reason;
        }
        Pair best = device.pairs.getFirst();
        boolean waits = best != pair && pairObstacle(best).isPresent();
        return waits ? "another driver fits better: " + best.name() : device.reason;
    }

    private Optional<String> pairObstacle(Pair pair) {
        return switch (pair.state()) {
            case PairState.Fresh fresh -> Optional.empty();
            case PairState.Declined declined -> Optional.of("declined: " + declined.why());
            case PairState.Deferred deferred ->
                Optional.of("deferred, waits for " + deferred.waitsFor() + ", next try in " + in(deferred.retryAt()));
            case PairState.BackingOff off ->
                Optional.of("probe failed " + times(off.failures()) + ": " + off.why() + ", next try in "
                        + in(off.retryAt()));
            case PairState.Quarantined q ->
                Optional.of("quarantined, failed " + times(q.failures()) + ": " + q.why());
        };
    }

    private String in(long time) {
        return Failures.words(time - bus.now());
    }

    private static String times(int count) {
        return count == 1 ? "once" : count + " times";
    }
}
