package org.busbar.shell.internal.text;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.busbar.device.DeviceState;
import org.busbar.device.dto.CandidateDTO;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.device.dto.FailureDTO;

/** Says in a few sentences why a device is in the state that it is in, and what changes that. */
public final class Why {

    private Why() {}

    /**
     * Returns the explanation.
     *
     * @param device the device
     * @param ids what it says it is, for example {@code 8086:10d3}
     * @param kernelDriver the kernel driver that has it
     * @param now the time
     */
    public static String of(DeviceDTO device, String ids, Optional<String> kernelDriver, Instant now) {
        Instant since = Instant.ofEpochMilli(device.since);
        StringBuilder text = new StringBuilder(device.address)
                .append(' ')
                .append(verdict(device))
                .append(", since ")
                .append(Times.clock(since))
                .append(" (")
                .append(Times.ago(since, now))
                .append(").\n");
        reason(device, ids).ifPresent(sentence -> text.append(sentence).append('\n'));
        kernelDriver
                .filter(kernel -> !device.reason.contains(kernel))
                .ifPresent(kernel -> text.append("The kernel driver ")
                        .append(kernel)
                        .append(" has it.\n"));
        if (!device.services.isEmpty()) {
            text.append("It offers ")
                    .append(device.services.stream().map(Why::simpleName).collect(Collectors.joining(", ")))
                    .append(".\n");
        }
        others(device).forEach(candidate -> text.append(other(device, candidate)).append('\n'));
        device.candidates.forEach(candidate -> failures(text, device, candidate, now));
        return text.toString().stripTrailing();
    }

    private static void failures(StringBuilder text, DeviceDTO device, CandidateDTO candidate, Instant now) {
        if (candidate.latestFailures.isEmpty()) {
            return;
        }
        text.append("Driver ")
                .append(candidate.driver)
                .append(" has failed with it, lately:\n");
        for (FailureDTO failure : candidate.latestFailures) {
            Instant at = Instant.ofEpochMilli(failure.time);
            text.append("  ")
                    .append(Times.clock(at))
                    .append(" (")
                    .append(Times.ago(at, now))
                    .append("): ")
                    .append(failure.what)
                    .append('\n');
        }
        if (candidate.quarantined) {
            text.append("  It is quarantined, without a time limit: until pci:attach ")
                    .append(device.address)
                    .append(", another version of the driver, another policy, or another card.\n");
        } else if (candidate.nextAttempt > now.toEpochMilli()) {
            text.append("  It is tried again at ")
                    .append(Times.clock(Instant.ofEpochMilli(candidate.nextAttempt)))
                    .append(".\n");
        }
    }

    private static String other(DeviceDTO device, CandidateDTO candidate) {
        boolean said = candidate.obstacle.isEmpty() || candidate.obstacle.equals(device.reason);
        return "Driver " + candidate.driver + " matches it" + (device.driver == null ? "" : " too") + ", by "
                + candidate.key + " (score " + candidate.score + ")" + (said ? "." : ": " + candidate.obstacle + '.');
    }

    private static String verdict(DeviceDTO device) {
        return switch (DeviceState.valueOf(device.state)) {
            case BOUND -> "is driven by " + device.driver + matched(device);
            case PROBING -> "is being probed by " + device.driver + matched(device);
            case REMOVING -> "is being given up" + (device.driver == null ? "" : " by " + device.driver);
            case UNBOUND -> "is not bound";
            case DENIED -> "is not to be bound";
            case DEFERRED -> "is not bound yet: its driver waits";
            case BACKING_OFF -> "is not bound: its driver's probe failed, and is tried again";
            case UPDATE_GRACE -> "is not bound for the moment: its driver may be coming back";
            case KEPT -> "is without a driver and runs on: it was handed over and waits for its driver's successor";
            case QUARANTINED -> "is not bound: its drivers have failed too often";
            case DETACHED -> "is detached";
            case EJECTING -> "is not to be bound: its host wants it back";
        };
    }

    private static String matched(DeviceDTO device) {
        return device.candidates.stream()
                .filter(candidate -> candidate.driver.equals(device.driver))
                .findFirst()
                .map(candidate -> ", which matches it by " + candidate.key + " (score " + candidate.score + ")")
                .orElse("");
    }

    private static Optional<String> reason(DeviceDTO device, String ids) {
        String said = sentence(device.reason);
        return switch (DeviceState.valueOf(device.state)) {
            case BOUND -> device.reason.equals("driven by " + device.driver) ? Optional.empty() : Optional.of(said);
            case UNBOUND ->
                Optional.of(
                        device.candidates.isEmpty()
                                ? "No driver matches " + ids + ", class "
                                        + device.properties.getOrDefault("pci.class", "?")
                                        + ": a driver bundle that does can be copied into drivers/ at any time."
                                : said);
            case DETACHED -> Optional.of(said + " pci:attach " + device.address + " ends that.");
            case QUARANTINED ->
                Optional.of(said + " It is tried again when the driver or the policy changes, or by pci:attach "
                        + device.address + ".");
            default -> Optional.of(said);
        };
    }

    private static List<CandidateDTO> others(DeviceDTO device) {
        return device.candidates.stream()
                .filter(candidate -> !candidate.driver.equals(device.driver))
                .toList();
    }

    private static String sentence(String words) {
        if (words.isEmpty()) {
            return "No reason is known.";
        }
        String end = words.endsWith(".") ? "" : ".";
        return Character.toUpperCase(words.charAt(0)) + words.substring(1) + end;
    }

    private static String simpleName(String type) {
        return type.substring(type.lastIndexOf('.') + 1);
    }
}
