package org.busbar.emulator;

import java.nio.file.Path;
import java.util.Optional;
import org.busbar.net.MacAddress;

/** What can be put into a slot. */
public sealed interface Card {

    /**
     * Parses the text form of a card: {@code nvme} or {@code nic}, and after a colon its properties, separated by commas.
     *
     * <ul>
     *   <li>{@code nvme:size=64M,block=512,file=PATH,serial=TEXT}: size in bytes, or with K, M, G or T for powers of
     *       1,024, by default 64M; bytes per block, by default 512; a file to keep the blocks in, by default none; a
     *       serial number, by default one that follows from the file or else is made up.
     *   <li>{@code nic:mac=52:54:00:12:34:56}: the Ethernet address, by default one that is made up.
     * </ul>
     *
     * @throws IllegalArgumentException if the text is anything else; the message says what is wrong with it
     */
    static Card parse(String text) {
        return CardText.parse(text);
    }

    /**
     * An NVMe controller (1b36:0010, class 010802) with one namespace.
     *
     * @param blocks size in blocks, at least 1
     * @param blockSize bytes per block, 512 or 4,096
     * @param file where the blocks are kept, created if missing; in memory if empty
     * @param serial serial number, 1 to 20 printable ASCII characters
     */
    record Nvme(long blocks, int blockSize, Optional<Path> file, String serial) implements Card {

        public Nvme {
            if (blocks < 1 || (blockSize != 512 && blockSize != 4096)) {
                throw new IllegalArgumentException(
                        "an SSD has at least one block of 512 or 4096 bytes, not " + blocks + " of " + blockSize);
            }
            if (!serial.matches("[\\x21-\\x7e]{1,20}")) {
                throw new IllegalArgumentException(
                        "a serial number is 1 to 20 printable ASCII characters without blanks, not '" + serial + "'");
            }
        }
    }

    /**
     * An Intel 82574L NIC (8086:10d3, class 020000), joined to the rack's switch.
     *
     * @param mac its Ethernet address
     */
    record Nic(MacAddress mac) implements Card {}
}
