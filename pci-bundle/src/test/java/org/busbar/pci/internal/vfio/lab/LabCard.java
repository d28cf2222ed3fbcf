package org.busbar.pci.internal.vfio.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.vfio.VfioOpener;

/** A card in a slot, and the notices that come while it is open. */
final class LabCard {

    private final PciAddress address;
    private final BlockingQueue<String> notices = new LinkedBlockingQueue<>();

    LabCard(String address) {
        this.address = PciAddress.parse(address);
    }

    PciAddress address() {
        return address;
    }

    FunctionHandle open(VfioOpener opener) throws OpenException {
        notices.clear();
        return opener.open(new NamedFunction(address), group(), new FunctionNotices() {
            @Override
            public void ejectRequested() {
                notices.add("ejectRequested");
            }

            @Override
            public void ejectCancelled() {
                notices.add("ejectCancelled");
            }

            @Override
            public void maybeGone() {
                notices.add("maybeGone");
            }

            @Override
            public void error(String what) {
                notices.add("error: " + what);
            }
        });
    }

    /** Waits for the next notice; {@code none} if none comes in 20 seconds. */
    String notice() throws InterruptedException {
        String notice = notices.poll(20, TimeUnit.SECONDS);
        return notice == null ? "none" : notice;
    }

    void expectOpenFailure(VfioOpener opener, OpenException.Reason reason) {
        try (FunctionHandle handle = open(opener)) {
            throw new AssertionError("opened: " + handle);
        } catch (OpenException e) {
            Lab.say("refused", e.reason() + ": " + e.getMessage());
            Lab.check(e.reason() == reason, "reason is " + e.reason());
        }
    }

    /** Returns the number of the card's IOMMU group, which is another one after each insertion. */
    private int group() {
        try {
            Path link = Path.of("/sys/bus/pci/devices", address.toString(), "iommu_group");
            return Integer.parseInt(Files.readSymbolicLink(link).getFileName().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
