package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.busbar.pci.PciAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UeventTextTest {

    private final UeventText text = new UeventText();

    private void message(String content) {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        text.parseMessage(bytes, bytes.length);
    }

    @Test
    void readsAMessageOfTheKernel() {
        message("add@/devices/pci0000:00/0000:00:11.0/0000:02:00.0\0ACTION=add\0"
                + "DEVPATH=/devices/pci0000:00/0000:00:11.0/0000:02:00.0\0SUBSYSTEM=pci\0PCI_CLASS=10802\0"
                + "PCI_ID=1B36:0010\0PCI_SUBSYS_ID=1AF4:1100\0PCI_SLOT_NAME=0000:02:00.0\0SEQNUM=766\0");
        assertThat(text.isPci()).isTrue();
        assertThat(text.action()).isEqualTo("add");
        assertThat(AddressText.address(text.address())).isEqualTo(PciAddress.parse("0000:02:00.0"));
    }

    @Test
    void otherSubsystemsAreToldApart() {
        message("add@/x\0ACTION=add\0SUBSYSTEM=pci_express\0PCI_SLOT_NAME=0000:02:00.0\0");
        assertThat(text.isPci()).isFalse();
        message("add@/x\0ACTION=add\0SUBSYSTEM=net\0");
        assertThat(text.isPci()).isFalse();
        message("add@/x\0ACTION=add\0MYSUBSYSTEM=pci\0");
        assertThat(text.isPci()).isFalse();
    }

    @Test
    void lastKeyNeedsNoTerminator() {
        message("ACTION=remove\0PCI_SLOT_NAME=0000:02:00.0\0SUBSYSTEM=pci");
        assertThat(text.isPci()).isTrue();
        assertThat(text.action()).isEqualTo("remove");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "\0", "\0\0\0\0", "ACTION=", "=", "SUBSYSTEM=pci\0PCI_SLOT_NAME=", "SUBSYSTEM=pci\0PCI_SLOT_NAME=zz",
        "SUBSYSTEM=pci\0PCI_SLOT_NAME=0000:02:00.8", "SUBSYSTEM=pci\0PCI_SLOT_NAME=0000:02:00.0x"
    })
    void malformedMessagesHaveNoAddress(String content) {
        message(content);
        assertThat(text.address()).isEqualTo(AddressText.NONE);
    }

    @Test
    void nothingOfTheLastMessageIsLeft() {
        message("ACTION=add\0SUBSYSTEM=pci\0PCI_SLOT_NAME=0000:02:00.0\0");
        message("garbage");
        assertThat(text.isPci()).isFalse();
        assertThat(text.action()).isEmpty();
        assertThat(text.address()).isEqualTo(AddressText.NONE);
    }

    @Property(tries = 2000)
    void L11_anyBytesAreTakenWithoutHarm(@ForAll @Size(max = 300) byte[] bytes) {
        text.parseMessage(bytes, bytes.length);
        text.parseFile(bytes, bytes.length);
        if (text.hasIdentity()) {
            assertThat(text.ids().classCode()).isBetween(0, 0xffffff);
        }
    }

    @Property(tries = 1000)
    void L1_cutOffFilesGiveTheWholeTruthOrNothing(@ForAll @IntRange(max = 120) int length) {
        byte[] bytes = Tree.uevent("0000:02:00.0", "8086:10D3", "20000").getBytes(StandardCharsets.US_ASCII);
        text.parseFile(bytes, Math.min(length, bytes.length));
        if (text.hasIdentity()) {
            assertThat(text.ids().deviceText()).isEqualTo("8086:10d3");
        }
    }

    @Property(tries = 500)
    void readsWhatTheKernelWrites(
            @ForAll @IntRange(max = 0xffff) int vendor,
            @ForAll @IntRange(max = 0xffff) int device,
            @ForAll @IntRange(max = 0xffffff) int classCode) {
        byte[] bytes = "DRIVER=x\nPCI_CLASS=%X\nPCI_ID=%04X:%04X\nPCI_SUBSYS_ID=%04X:%04X\n"
                .formatted(classCode, vendor, device, device, vendor)
                .getBytes(StandardCharsets.US_ASCII);
        text.parseFile(bytes, bytes.length);
        assertThat(text.hasIdentity()).isTrue();
        assertThat(text.ids().vendor()).isEqualTo(vendor);
        assertThat(text.ids().device()).isEqualTo(device);
        assertThat(text.ids().subsystemVendor()).isEqualTo(device);
        assertThat(text.ids().subsystemDevice()).isEqualTo(vendor);
        assertThat(text.ids().classCode()).isEqualTo(classCode);
    }

    @Property(tries = 500)
    void addressesSurviveTheRoundTrip(
            @ForAll @IntRange(max = Integer.MAX_VALUE) int domain,
            @ForAll @IntRange(max = 255) int bus,
            @ForAll @IntRange(max = 255) int device,
            @ForAll @IntRange(max = 7) int function) {
        PciAddress address = new PciAddress(domain, bus, device, function);
        byte[] bytes = address.toString().getBytes(StandardCharsets.US_ASCII);
        assertThat(AddressText.parse(bytes, 0, bytes.length)).isEqualTo(AddressText.key(address));
        assertThat(AddressText.address(AddressText.key(address))).isEqualTo(address);
        byte[] upper = address.toString().toUpperCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
        if (!new String(upper, StandardCharsets.US_ASCII).equals(address.toString())) {
            assertThat(AddressText.parse(upper, 0, upper.length)).isEqualTo(AddressText.NONE);
        }
    }
}
