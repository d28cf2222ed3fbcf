package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.OpenException.Reason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimsTest {

    private static final String SSD = "0000:01:00.0";
    private static final String NIC = "0000:02:00.0";
    private static final String NIC_SECOND_PORT = "0000:02:00.1";

    @TempDir
    Path dir;

    Tree tree;
    FakeKernel kernel;
    Path ledgerFile;
    Claims claims;

    @BeforeEach
    void makeMachine() throws IOException {
        tree = new Tree(dir.resolve("sys"));
        kernel = new FakeKernel(tree).load("vfio-pci")
                .add(SSD, "1B36:0010", "10802", "nvme")
                .add(NIC, "8086:10D3", "20000", "e1000e")
                .add(NIC_SECOND_PORT, "8086:10D3", "20000", "e1000e");
        tree.group(7, List.of(SSD)).group(8, List.of(NIC, NIC_SECOND_PORT));
        ledgerFile = dir.resolve("data/claims");
        claims = claims("boot-1");
    }

    /** Tries again what fails only when it is told to. */
    private Claims claims(String bootId) {
        return claims(bootId, Duration.ofHours(1));
    }

    private Claims claims(String bootId, Duration retry) {
        Sysfs sysfs = tree.sysfs();
        return new Claims(sysfs, new KernelBinding(sysfs, kernel), ClaimLedger.open(ledgerFile, bootId), retry);
    }

    private static ClaimRules rules(String... entries) {
        return ClaimRules.parse(List.of(entries), false);
    }

    private LinuxFunction function(String address) throws IOException {
        HostSnapshot snapshot = tree.scanner().scan(null);
        return snapshot.functions()
                .stream()
                .filter(f -> f.address().toString().equals(address))
                .map(LinuxFunction.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private OpenException refusal(String address) {
        return catchThrowableOfType(OpenException.class, () -> claims.take(function(address)));
    }

    @Test
    void L10_withoutARuleNothingIsWritten() throws Exception {
        OpenException e = refusal(SSD);
        assertThat(e.reason()).isEqualTo(Reason.NOT_CLAIMED);
        assertThat(e).hasMessageContaining("kernel driver nvme has it and no claim rule names it")
                .hasMessageContaining("add " + SSD + " to claims in conf/org.busbar.pci.linux.cfg");
        claims.rules(rules(NIC, "class:0c03", "abcd:*"));
        assertThat(refusal(SSD).reason()).isEqualTo(Reason.NOT_CLAIMED);
        claims.stop();
        assertThat(kernel.writes).isEmpty();
        assertThat(ledgerFile).doesNotExist();
    }

    @Test
    void L10_ruleAloneTakesNothingUntilTheFunctionIsOpened() throws Exception {
        claims.rules(rules(SSD));
        assertThat(claims.obstacle(function(SSD))).isEmpty();
        assertThat(kernel.writes).isEmpty();
    }

    @Test
    void L10_claimedDeviceIsGivenBackWhenTheRuleGoes() throws Exception {
        claims.rules(rules("class:0108"));
        assertThat(claims.take(function(SSD))).isEqualTo(7);
        assertThat(kernel.driver(SSD)).isEqualTo("vfio-pci");
        assertThat(kernel.writes).containsExactly(
                "vfio-pci > bus/pci/devices/" + SSD + "/driver_override",
                SSD + " > bus/pci/drivers/nvme/unbind",
                SSD + " > bus/pci/drivers_probe");

        kernel.writes.clear();
        claims.release(PciAddress.parse(SSD)).join();
        assertThat(kernel.driver(SSD)).as("kept while the rule stands").isEqualTo("vfio-pci");
        claims.rules(ClaimRules.NONE);

        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
        assertThat(kernel.writes).containsExactly(
                " > bus/pci/devices/" + SSD + "/driver_override",
                SSD + " > bus/pci/drivers/vfio-pci/unbind",
                SSD + " > bus/pci/drivers_probe");
        assertThat(tree.device(SSD).resolve("driver_override")).hasContent("(null)");
    }

    @Test
    void L10_openDeviceIsGivenBackWhenItIsClosed() throws Exception {
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        claims.rules(ClaimRules.NONE);
        assertThat(kernel.driver(SSD)).isEqualTo("vfio-pci");
        claims.release(PciAddress.parse(SSD)).join();
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void L10_stopGivesEverythingBack() throws Exception {
        claims.rules(rules(SSD, "8086:10d3"));
        claims.take(function(SSD));
        claims.take(function(NIC));
        claims.release(PciAddress.parse(SSD)).join();
        claims.release(PciAddress.parse(NIC)).join();
        claims.stop();
        assertThat(List.of(kernel.driver(SSD), kernel.driver(NIC), kernel.driver(NIC_SECOND_PORT)))
                .containsExactly("nvme", "e1000e", "e1000e");
    }

    @Test
    void L10_afterACrashTheNextStartGivesBack() throws Exception {
        claims.rules(rules(SSD));
        claims.take(function(SSD));

        claims = claims("boot-1");
        claims.rules(ClaimRules.NONE);
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void L10_afterACrashARuleThatStillStandsKeepsTheDevice() throws Exception {
        claims.rules(rules(SSD));
        claims.take(function(SSD));

        claims = claims("boot-1");
        claims.rules(rules(SSD));
        assertThat(kernel.driver(SSD)).isEqualTo("vfio-pci");
        claims.rules(ClaimRules.NONE);
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void L10_whatAnEarlierBootClaimedIsForgotten() throws Exception {
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        kernel.writes.clear();

        claims = claims("boot-2");
        claims.rules(ClaimRules.NONE);
        assertThat(kernel.writes).isEmpty();
    }

    @Test
    void L10_cardThatCameLaterIsNotTouched() throws Exception {
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        claims.release(PciAddress.parse(SSD)).join();
        kernel.writes.clear();
        Files.move(tree.device(SSD), dir.resolve("pulled"));
        kernel.add(SSD, "144D:A80A", "10802", "nvme");

        claims.rules(ClaimRules.NONE);
        assertThat(kernel.writes).isEmpty();
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void functionThatWasReplacedIsGone() throws Exception {
        LinuxFunction old = function(SSD);
        Files.move(tree.device(SSD), dir.resolve("pulled"));
        kernel.add(SSD, "1B36:0010", "10802", "nvme");
        claims.rules(rules(SSD));
        assertThatThrownBy(() -> claims.take(old))
                .isInstanceOfSatisfying(OpenException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GONE));
        assertThat(kernel.writes).isEmpty();
    }

    @Test
    void L10_failedClaimIsUndone() throws Exception {
        kernel.refuse("vfio-pci");
        claims.rules(rules(SSD));
        OpenException e = refusal(SSD);
        assertThat(e.reason()).isEqualTo(Reason.FAILED);
        assertThat(e).hasMessageContaining("did not bind").hasMessageContaining("dmesg");
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
        assertThat(tree.device(SSD).resolve("driver_override")).hasContent("(null)");
        assertThat(claims.isOpen(PciAddress.parse(SSD))).isFalse();
    }

    @Test
    void L10_groupSharedWithAKernelDriverIsRefusedBeforeAnythingIsWritten() throws Exception {
        claims.rules(rules(NIC));
        OpenException e = refusal(NIC);
        assertThat(e.reason()).isEqualTo(Reason.GROUP_SHARED);
        assertThat(e).hasMessageContaining(NIC_SECOND_PORT)
                .hasMessageContaining("e1000e")
                .hasMessageContaining("Add " + NIC_SECOND_PORT + " to claims");
        assertThat(kernel.writes).isEmpty();
    }

    @Test
    void L10_wholeGroupIsTakenIfRulesNameAllOfItAndGivenBackTogether() throws Exception {
        claims.rules(rules("0000:02:00.*"));
        claims.take(function(NIC));
        assertThat(kernel.driver(NIC_SECOND_PORT)).isEqualTo("vfio-pci");
        claims.take(function(NIC_SECOND_PORT));
        claims.rules(ClaimRules.NONE);
        claims.release(PciAddress.parse(NIC)).join();
        assertThat(kernel.driver(NIC)).as("the other port is still open").isEqualTo("vfio-pci");
        claims.release(PciAddress.parse(NIC_SECOND_PORT)).join();
        assertThat(List.of(kernel.driver(NIC), kernel.driver(NIC_SECOND_PORT))).containsExactly("e1000e", "e1000e");
    }

    @Test
    void deviceOnVfioPciNeedsARuleOrThePolicy() throws Exception {
        tree.drive(SSD, "vfio-pci");
        assertThat(refusal(SSD)).hasMessageContaining("useVfioBound=true");
        claims.rules(ClaimRules.parse(List.of(), true));
        assertThat(claims.take(function(SSD))).isEqualTo(7);
        claims.release(PciAddress.parse(SSD)).join();
        claims.stop();
        assertThat(kernel.writes).as("it was on vfio-pci before, and stays there").isEmpty();
    }

    @Test
    void withoutAnIommuItSaysHowToTurnItOn() throws Exception {
        kernel.add("0000:03:00.0", "1B36:0010", "10802", "nvme");
        claims.rules(rules("0000:03:00.0"));
        OpenException e = refusal("0000:03:00.0");
        assertThat(e.reason()).isEqualTo(Reason.NO_IOMMU);
        assertThat(e).hasMessageContaining("intel_iommu=on").hasMessageContaining("amd_iommu=on");
        assertThat(kernel.writes).isEmpty();
    }

    @Test
    void withoutVfioPciItSaysHowToLoadIt() throws Exception {
        Files.delete(tree.root.resolve("bus/pci/drivers/vfio-pci"));
        claims.rules(rules(SSD));
        assertThat(refusal(SSD)).hasMessageContaining("modprobe vfio-pci");
        assertThat(kernel.writes).isEmpty();
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void L10_bridgeIsNeverTaken() throws Exception {
        kernel.add("0000:00:01.0", "8086:3420", "60400", "pcieport");
        tree.group(9, List.of("0000:00:01.0"));
        claims.rules(rules("*:*.*", "0000:00:01.0"));
        assertThat(refusal("0000:00:01.0")).hasMessageContaining("bridge");
        assertThat(kernel.writes).isEmpty();
    }

    @Test
    void formerOverrideComesBack() throws Exception {
        tree.attribute(SSD, "driver_override", "nvme\n");
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        claims.release(PciAddress.parse(SSD)).join();
        claims.rules(ClaimRules.NONE);
        assertThat(tree.device(SSD).resolve("driver_override")).hasContent("nvme");
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void deviceThatNobodyHadGoesBackToNobody() throws Exception {
        kernel.add("0000:04:00.0", "1AF4:1041", "20000", "");
        tree.group(10, List.of("0000:04:00.0"));
        claims.rules(rules("1af4:*"));
        claims.take(function("0000:04:00.0"));
        assertThat(kernel.driver("0000:04:00.0")).isEqualTo("vfio-pci");
        claims.release(PciAddress.parse("0000:04:00.0")).join();
        claims.rules(ClaimRules.NONE);
        assertThat(kernel.driver("0000:04:00.0")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "", "0000:09:00.0\t7\t7\t..\t", "0000:09:00.0\t7\t7\ta/b\t",
        "0000:09:00.0\t7\t7\te1000\t../x"})
    void L10_brokenLineOfTheLedgerIsKeptAndDoesNotLoseTheOthers(String line) throws Exception {
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        String broken = Files.readString(ledgerFile) + line + "\n";
        Files.writeString(ledgerFile, broken);
        claims = claims("boot-1");
        assertThat(ledgerFile.resolveSibling("claims.bad")).hasContent(broken);
        claims.rules(ClaimRules.NONE);
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
        assertThat(ledgerFile).hasContent("boot-1");
    }

    @Test
    void L10_ledgerThatCannotBeReadIsKept() throws Exception {
        Files.createDirectories(ledgerFile.getParent());
        byte[] noText = {'b', 'o', 'o', 't', (byte) 0xff, (byte) 0xfe};
        Files.write(ledgerFile, noText);
        claims = claims("boot-1");
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        assertThat(ledgerFile.resolveSibling("claims.bad")).hasBinaryContent(noText);
    }

    @Test
    void L10_nothingIsTakenThatCannotBeWrittenDown() throws Exception {
        Sysfs sysfs = tree.sysfs();
        claims = new Claims(sysfs, new KernelBinding(sysfs, kernel), ClaimLedger.nowhere());
        claims.rules(rules(SSD));
        assertThat(refusal(SSD)).hasMessageContaining("no file to write down").hasMessageContaining("busbar.home");
        assertThat(kernel.writes).isEmpty();
    }

    /** The last two writes are of the give-back after a claim of three. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void L10_crashAfterAnyWriteLosesNoDriver(int writes) throws Exception {
        claims.rules(rules(SSD));
        kernel.dieAfter(writes);
        if (writes < 3) {
            assertThat(refusal(SSD)).hasMessageContaining("killed");
        } else {
            claims.take(function(SSD));
            claims.release(PciAddress.parse(SSD)).join();
            claims.rules(ClaimRules.NONE);
        }
        kernel.dieAfter(Integer.MAX_VALUE);

        claims = claims("boot-1");
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        assertThat(kernel.driver(SSD)).isEqualTo("vfio-pci");
        claims.release(PciAddress.parse(SSD)).join();
        claims.stop();

        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
        assertThat(tree.device(SSD).resolve("driver_override")).hasContent("(null)");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void L10_givingBackThatFailsHalfwayIsMadeGoodAfterTheNextClaim(int writes) throws Exception {
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        claims.release(PciAddress.parse(SSD)).join();
        kernel.dieAfter(writes);
        claims.rules(ClaimRules.NONE);
        kernel.dieAfter(Integer.MAX_VALUE);

        claims.rules(rules(SSD));
        claims.take(function(SSD));
        claims.release(PciAddress.parse(SSD)).join();
        claims.stop();

        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
        assertThat(tree.device(SSD).resolve("driver_override")).hasContent("(null)");
    }

    @Test
    void L10_memberThatWasSwappedSinceTheLastScanIsNotTakenByTheNameOfTheOldOne() throws Exception {
        PciIds old = new PciIds(0x8086, 0x10d3, 0x1af4, 0x1100, 0x020000);
        claims.identifyBy(address -> Optional.of(old));
        claims.rules(rules("8086:10d3"));
        LinuxFunction nic = function(NIC);
        tree.attribute(NIC_SECOND_PORT, "uevent", Tree.uevent(NIC_SECOND_PORT, "14E4:1657", "20000"));
        assertThatThrownBy(() -> claims.take(nic)).hasMessageContaining(NIC_SECOND_PORT);
        assertThat(List.of(kernel.driver(NIC), kernel.driver(NIC_SECOND_PORT))).containsExactly("e1000e", "e1000e");
    }

    @Test
    void L10_whatCannotBeGivenBackIsTriedAgainUntilItIs() throws Exception {
        claims = claims("boot-1", Duration.ofMillis(5));
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        claims.release(PciAddress.parse(SSD)).join();
        CountDownLatch back = kernel.expect("nvme");
        kernel.beforeNextWrite(() -> {
            kernel.beforeNextWrite(() -> {
                throw new IOException("busy, once more");
            });
            throw new IOException("busy");
        });

        claims.rules(ClaimRules.NONE);

        assertThat(back.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
        claims.stop(); // waits for the round to end, which still writes
    }

    @Test
    void L10_interruptDoesNotLoseAGiveBack() throws Exception {
        claims.rules(rules(SSD));
        claims.take(function(SSD));
        claims.release(PciAddress.parse(SSD)).join();
        Thread.currentThread().interrupt();
        claims.rules(ClaimRules.NONE);
        assertThat(Thread.interrupted()).as("still pending").isTrue();
        assertThat(kernel.driver(SSD)).isEqualTo("nvme");
    }

    @Test
    void L10_overrideThatNobodyTookBackIsNotTakenForTheFormerOne() throws Exception {
        kernel.add("0000:04:00.0", "1AF4:1041", "20000", "");
        tree.group(10, List.of("0000:04:00.0")).attribute("0000:04:00.0", "driver_override", "vfio-pci\n");
        claims.rules(rules("1af4:*"));
        claims.take(function("0000:04:00.0"));
        claims.release(PciAddress.parse("0000:04:00.0")).join();
        claims.stop();
        assertThat(kernel.driver("0000:04:00.0")).isEmpty();
        assertThat(tree.device("0000:04:00.0").resolve("driver_override")).hasContent("(null)");
    }

    @Test
    void L10_memberThatGetsAKernelDriverMeanwhileIsNotTaken() throws Exception {
        Files.delete(tree.device(NIC_SECOND_PORT).resolve("driver"));
        claims.rules(rules(NIC));
        kernel.beforeNextWrite(() -> tree.drive(NIC_SECOND_PORT, "e1000e"));
        OpenException e = refusal(NIC);
        assertThat(e.reason()).isEqualTo(Reason.GROUP_SHARED);
        assertThat(e).hasMessageContaining("e1000e has " + NIC_SECOND_PORT + " now");
        assertThat(List.of(kernel.driver(NIC), kernel.driver(NIC_SECOND_PORT))).containsExactly("e1000e", "e1000e");
        assertThat(kernel.writes).noneMatch(write -> write.contains(NIC_SECOND_PORT));
    }
}
