package org.busbar.shell.nvme.internal.admin;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.Times;

/** What controllers and namespaces say of themselves. */
final class IdentityText {

    private static final int WORDS = 5;

    private IdentityText() {}

    static Fields controller(ControllerIdentity identity) {
        Fields fields = new Fields()
                .add("vid", identity.vendor(), "0x%04x".formatted(identity.vendor()))
                .add("ssvid", identity.subsystemVendor(), "0x%04x".formatted(identity.subsystemVendor()))
                .add("sn", identity.serial())
                .add("mn", identity.model())
                .add("fr", identity.firmware())
                .add("ieee", "%06x".formatted(identity.oui()))
                .add("cntlid", identity.controllerId())
                .add("ver", identity.version())
                .add("mdts", identity.maxTransfer(), mostBytes(identity.maxTransfer()))
                .add("nn", identity.namespaces())
                .add("capabilities", capabilities(identity), wrapped(capabilities(identity)))
                .add("acl", identity.abortLimit())
                .add("aerl", identity.eventLimit())
                .add("elpe", identity.errorEntries())
                .add("frmw", identity.firmwareSlots(),
                        identity.firmwareSlots() + (identity.firmwareSlots() == 1 ? " slot" : " slots"))
                .add("wctemp", identity.warningKelvin(), temperature(identity.warningKelvin()))
                .add("cctemp", identity.criticalKelvin(), temperature(identity.criticalKelvin()))
                .add("tnvmcap", identity.capacity(), bytes(identity.capacity()))
                .add("unvmcap", identity.unallocated(), bytes(identity.unallocated()))
                .add("rtd3e", identity.shutdownTime().toMillis(), identity.shutdownTime().toMillis() + " ms")
                .add("sanicap", identity.sanitize(), "0x%x".formatted(identity.sanitize()))
                .add("subnqn", identity.subsystem());
        for (ControllerIdentity.PowerState state : identity.powerStates()) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("milliwatts", state.milliwatts());
            values.put("operational", state.operational());
            values.put("entryMicros", state.entryLatency().toNanos() / 1_000);
            values.put("exitMicros", state.exitLatency().toNanos() / 1_000);
            fields.add("ps " + state.number(), values, "mp:" + watts(state.milliwatts())
                    + (state.operational() ? " operational" : " non-operational")
                    + " enlat:" + state.entryLatency().toNanos() / 1_000
                    + " exlat:" + state.exitLatency().toNanos() / 1_000);
        }
        return fields;
    }

    private static List<String> capabilities(ControllerIdentity identity) {
        return identity.capabilities()
                .stream()
                .sorted()
                .map(capability -> capability.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
    }

    /** Returns words in lines of a few. */
    private static String wrapped(List<String> words) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words.size(); i++) {
            text.append(i == 0 ? "" : i % WORDS == 0 ? "\n               " : " ").append(words.get(i));
        }
        return text.toString();
    }

    private static String mostBytes(long bytes) {
        return bytes == Long.MAX_VALUE ? "no limit" : Times.bytes(bytes);
    }

    /** Returns a temperature, a dash if it is not reported. */
    static String temperature(int kelvin) {
        return kelvin == 0 ? "-" : (kelvin - 273) + " °C (" + kelvin + " K)";
    }

    private static String bytes(BigInteger bytes) {
        return bytes.bitLength() > 62 ? bytes.toString() : bytes + " (" + Times.bytes(bytes.longValueExact()) + ")";
    }

    private static String watts(long milliwatts) {
        return milliwatts == 0 ? "-" : String.format(Locale.ROOT, "%.2fW", (double) milliwatts / 1e3);
    }

    static Fields namespace(NamespaceIdentity identity) {
        long blockSize = identity.lbaFormat().blockSize();
        Fields fields = new Fields()
                .add("nsid", Integer.toUnsignedLong(identity.nsid()))
                .add("nsze", identity.blocks(), blocks(identity.blocks(), blockSize))
                .add("ncap", identity.capacity(), blocks(identity.capacity(), blockSize))
                .add("nuse", identity.used(), blocks(identity.used(), blockSize))
                .add("flbas", identity.format())
                .add("metadata", identity.metadataInline() ? "inline" : "separate")
                .add("dps", identity.protection(), protection(identity))
                .add("dpc", List.copyOf(identity.protectionTypes()), identity.protectionTypes().isEmpty()
                        ? "none"
                        : "types " + identity.protectionTypes().stream().sorted().toList())
                .add("thin", identity.thin())
                .add("shared", identity.shared())
                .add("write protected", identity.writeProtected())
                .add("eui64", identity.eui64().orElse("-"))
                .add("nguid", identity.nguid().orElse("-"))
                .add("uuid", identity.uuid().map(UUID::toString).orElse("-"));
        List<Map<String, Object>> formats = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (NamespaceIdentity.LbaFormat format : identity.formats()) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("lbaf", format.index());
            values.put("ms", format.metadataBytes());
            values.put("blockSize", format.blockSize());
            values.put("rp", format.performance());
            formats.add(values);
            text.append("\n  lbaf %2d : ms:%-3d lbads:%-2d rp:%d (%s)%s".formatted(
                    format.index(),
                    format.metadataBytes(),
                    format.blockShift(),
                    format.performance(),
                    format.blockSize() == 0 ? "not to be used" : Times.bytes(format.blockSize()),
                    format.index() == identity.format() ? " (in use)" : ""));
        }
        return fields.add("lbaf", formats, formats.size() + " formats" + text);
    }

    private static String protection(NamespaceIdentity identity) {
        return identity.protection() == 0
                ? "none"
                : "type " + identity.protection() + ", in the " + (identity.protectionFirst() ? "first" : "last")
                        + " 8 bytes of metadata";
    }

    private static String blocks(long blocks, long blockSize) {
        return blocks + " (" + Times.bytes(blocks * blockSize) + ")";
    }
}
