package org.busbar.emulator;

import java.util.concurrent.ThreadLocalRandom;
import org.busbar.net.MacAddress;

/** The text form of a card, for {@link Card#parse}. */
final class CardText {

    private static final long LOCAL_PREFIX = 0x5254_0000_0000L;

    private CardText() {}

    static Card parse(String text) {
        CardWords words = new CardWords(text);
        Card card =
                switch (words.kind()) {
                    case "nvme" -> new NvmeCardText(words).card();
                    case "nic" -> new Card.Nic(mac(words));
                    case "virtio-net" ->
                        new Card.VirtioNet(
                                mac(words), words.number("queues", 1, 1, 16), words.number("mtu", 1500, 68, 9000));
                    default -> throw words.wrong("a card is nvme, nic or virtio-net");
                };
        words.requireNothingLeft();
        return card;
    }

    private static MacAddress mac(CardWords words) {
        String mac = words.take("mac");
        return mac == null
                ? new MacAddress(LOCAL_PREFIX | ThreadLocalRandom.current().nextInt(1 << 24))
                : MacAddress.parse(mac);
    }
}
