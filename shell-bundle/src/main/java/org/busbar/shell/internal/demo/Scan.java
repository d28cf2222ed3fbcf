package org.busbar.shell.internal.demo;

import java.util.List;
import org.busbar.device.dto.DeviceDTO;

/** What is there before any driver is. */
final class Scan implements Step {
    @Override
    public String title() {
        return "The bus is scanned; there is no driver yet";
    }

    @Override
    public void run(Stage stage) throws Exception {
        stage.bus().rescan(Stage.deadline());
        List<DeviceDTO> cards = stage.cards();
        for (DeviceDTO card : cards) {
            stage.note(card.address + "  " + card.properties.get("pci.vendor") + ':'
                    + card.properties.get("pci.device") + "  class " + card.properties.get("pci.class"));
        }
        stage.check(
                stage.cards(Ssd.CLASS).size() == 2 && stage.cards(Nic.CLASS).size() == 2,
                "two SSDs and two NICs are in the rack");
        stage.check(
                Stage.all(cards, Stage.UNBOUND) && stage.bus().snapshot().probes == 0,
                "nobody drives them, nothing has been probed");
        int own = stage.bus().snapshot().devices.size() - cards.size();
        stage.note("(and " + own + " functions of this machine, which are only looked at)");
    }
}
