package org.busbar.emulator;

import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
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
                    case "nic" -> nic(words, NicChip.I82574L, Set.of(NicChip.values()));
                    case "e1000e" -> nic(words, NicChip.I82574L, Set.of(NicChip.I82574L));
                    case "e1000" -> nic(words, NicChip.I82540EM, Set.of(NicChip.I82540EM, NicChip.I82545EM));
                    case "virtio-net" ->
                        new Card.VirtioNet(
                                mac(words), words.number("queues", 1, 1, 16), words.number("mtu", 1500, 68, 9000));
                    case "edu" -> new Card.Edu();
                    default -> throw words.wrong("a card is nvme, nic, e1000e, e1000, virtio-net or edu");
                };
        words.requireNothingLeft();
        return card;
    }

    private static Card.Nic nic(CardWords words, NicChip usual, Set<NicChip> possible) {
        MacAddress mac = mac(words);
        String model = words.take("model");
        NicChip chip = usual;
        if (model != null) {
            chip = possible.stream()
                    .filter(one -> one.toString().equalsIgnoreCase(model))
                    .findFirst()
                    .orElseThrow(() -> words.wrong("model is one of "
                            + possible.stream().sorted().map(NicChip::toString).collect(Collectors.joining(", "))));
        }
        return new Card.Nic(mac, chip);
    }

    private static MacAddress mac(CardWords words) {
        String mac = words.take("mac");
        return mac == null
                ? new MacAddress(LOCAL_PREFIX | ThreadLocalRandom.current().nextInt(1 << 24))
                : MacAddress.parse(mac);
    }
}
