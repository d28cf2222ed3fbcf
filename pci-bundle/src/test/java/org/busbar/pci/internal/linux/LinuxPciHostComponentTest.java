package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostWatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Constants;

/** The host under configurations as files of {@code conf/} make them, in which every value is a text. */
class LinuxPciHostComponentTest {

    private static final String SSD = "0000:01:00.0";
    private static final String NIC = "0000:02:00.0";

    @TempDir
    Path dir;

    private Tree tree;
    private FakeKernel kernel;

    @BeforeEach
    void makeMachine() throws IOException {
        tree = new Tree(dir.resolve("sys"));
        kernel = new FakeKernel(tree).load("vfio-pci")
                .add(SSD, "1B36:0010", "10802", "nvme")
                .add(NIC, "8086:10D3", "20000", "e1000e");
        tree.group(7, List.of(SSD));
        tree.group(8, List.of(NIC));
    }

    /** A component that was started without a configuration, as at a start of Busbar. */
    private LinuxPciHostComponent started() {
        return started(Map.of());
    }

    private LinuxPciHostComponent started(Map<String, Object> configuration) {
        HostSettings.Lookup property = name -> name.equals(HostSettings.ROOT_PROPERTY) ? tree.root.toString() : null;
        return new LinuxPciHostComponent(property, configuration, this::host);
    }

    private LinuxPciHost host(HostSettings settings) {
        Sysfs sysfs = tree.sysfs();
        Claims claims = new Claims(sysfs, new KernelBinding(sysfs, kernel), ClaimLedger.nowhere());
        return new LinuxPciHost(sysfs, settings, true, claims, (function, group, notices) -> new NoHandle());
    }

    /** What the file says: keys and values in turn. */
    private static Map<String, Object> file(String... keysAndValues) {
        Map<String, Object> file = new HashMap<>(Map.of(Constants.SERVICE_PID, "org.busbar.pci.linux"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            file.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return file;
    }

    private static String obstacle(LinuxPciHostComponent host, String address) throws IOException {
        HostFunction function = host.scan(null)
                .functions()
                .stream()
                .filter(one -> one.address().equals(PciAddress.parse(address)))
                .findFirst()
                .orElseThrow();
        return function.unavailable().orElse("");
    }

    @Test
    void claimsOfTheFirstFileHoldThoughANumberInItIsNone() throws Exception {
        LinuxPciHostComponent host = started();
        assertThat(obstacle(host, SSD)).contains("kernel driver nvme has it");

        host.modified(file("claims", SSD, "pollMillis", "often"));

        assertThat(obstacle(host, SSD)).isEmpty();
        assertThat(obstacle(host, NIC)).contains(
                "malformed: pollMillis 'often': write a whole number from 100 to 86400000, for example pollMillis=2000");
    }

    @Test
    void claimsHoldThoughTheHostIsStartedWithAMalformedFile() throws Exception {
        LinuxPciHostComponent host = started(file("claims", SSD, "pollMillis", "often", "enabled", "perhaps"));
        assertThat(obstacle(host, SSD)).isEmpty();
        assertThat(obstacle(host, NIC)).contains("pollMillis 'often'", "enabled 'perhaps': write true or false");
    }

    @Test
    void malformedFileChangesNothingOfTheOneBefore() throws Exception {
        LinuxPciHostComponent host = started();
        host.modified(file("claims", SSD));
        host.modified(file("claims", NIC, "pollMillis", "often"));
        host.modified(file("claims", NIC, "useVfioBound", "yes"));
        assertThat(obstacle(host, SSD)).isEmpty();
        assertThat(obstacle(host, NIC))
                .contains("malformed: useVfioBound 'yes': write true or false, for example useVfioBound=false");

        host.modified(file("claims", NIC, "useVfioBound", "FALSE"));
        assertThat(obstacle(host, NIC)).isEmpty();
        assertThat(obstacle(host, SSD)).contains("kernel driver nvme has it").doesNotContain("malformed");
    }

    @Test
    void L10_oneMalformedClaimAndNoneOfTheFirstFileCounts() throws Exception {
        LinuxPciHostComponent host = started();
        host.modified(file("claims", SSD + ", nvme"));
        assertThat(obstacle(host, SSD)).contains("kernel driver nvme has it",
                "malformed: claims: 'nvme' names no device");
    }

    @Test
    void pollIntervalIsWhatTheLatestFaultlessFileSays() throws Exception {
        LinuxPciHostComponent host = started();
        try (HostWatch watch = host.watch(new Nobody())) {
            assertThat(watch.how()).startsWith("a look every 2 s");
            host.modified(file("pollMillis", "12345"));
            assertThat(watch.how()).startsWith("a look every 12345 ms");
            host.modified(file("pollMillis", "99"));
            assertThat(watch.how()).startsWith("a look every 12345 ms");
        }
        assertThat(obstacle(host, SSD)).contains("pollMillis '99': write a whole number from 100");
    }

    /** Listens to nothing. */
    private static final class Nobody implements HostListener {
        @Override
        public void changed() {}

        @Override
        public void availabilityChanged(PciAddress address) {}
    }
}
