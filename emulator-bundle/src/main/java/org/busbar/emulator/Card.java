package org.busbar.emulator;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.busbar.net.MacAddress;

/** What can be put into a slot. */
public sealed interface Card {

    /**
     * Parses the text form of a card: {@code nvme}, {@code nic}, {@code e1000e},
     * {@code e1000}, {@code virtio-net} or {@code edu}, and after a colon its properties,
     * separated by commas.
     *
     * <ul>
     *   <li>{@code nvme:size=64M,block=512,file=PATH,serial=TEXT}: size in bytes, or with K, M, G or T for powers of
     *       1,024, by default 64M; bytes per block, by default 512; a file to keep the blocks in, by default none; a
     *       serial number, by default one that follows from the file or else is made up.
     *   <li>More of {@code nvme}: {@code namespaces=3}, how many there are at the start, by default as many as sizes are
     *       given; {@code metadata=8}, {@code extended=yes} and {@code protection=1} as in {@link NvmeNamespace}; {@code
     *       size}, {@code block}, {@code metadata}, {@code extended} and {@code protection} take one value for each
     *       namespace, joined by {@code +}, the last one counts for those that are left. {@code version=2.0}, {@code
     *       max=32}, {@code mdts=7}, {@code queues=16}, {@code capacity=1G}, {@code timeout=15} and {@code
     *       without=sgl+shadow} and {@code shared=yes} as in {@link NvmeOptions}.
     *   <li>{@code nic:mac=52:54:00:12:34:56,model=82574L}: the Ethernet address, by default one that is made up; the
     *       controller, as in {@link NicChip}. {@code e1000e} is the same, always an 82574L; {@code e1000} is one of the
     *       older ones, by default an 82540EM.
     *   <li>{@code virtio-net:mac=52:54:00:12:34:56,queues=4,mtu=1500}: the Ethernet address as above; queue pairs, 1 to
     *       16, by default 1; the largest payload of a frame, 68 to 9,000 bytes, by default 1,500.
     *   <li>{@code edu} has no properties.
     * </ul>
     *
     * @throws IllegalArgumentException if the text is anything else; the message says what is wrong with it
     */
    static Card parse(String text) {
        return CardText.parse(text);
    }

    /**
     * An NVMe controller (1b36:0010, class 010802).
     *
     * @param serial serial number, 1 to 20 printable ASCII characters
     * @param namespaces the namespaces at the start, identifiers from 1, all attached; possibly none
     * @param options what the controller offers
     */
    record Nvme(String serial, List<NvmeNamespace> namespaces, NvmeOptions options) implements Card {

        public Nvme {
            if (!serial.matches("[\\x21-\\x7e]{1,20}")) {
                throw new IllegalArgumentException(
                        "a serial number is 1 to 20 printable ASCII characters without blanks, not '" + serial + "'");
            }
            namespaces = List.copyOf(namespaces);
            if (options.shared() && namespaces.stream().anyMatch(namespace -> namespace.file().isEmpty())) {
                throw new IllegalArgumentException("namespaces are shared by their file: give it");
            }
            if (namespaces.size() > options.maxNamespaces()) {
                throw new IllegalArgumentException("there is room for " + options.maxNamespaces() + " namespaces, not "
                        + namespaces.size());
            }
        }

        /** An SSD with one namespace and everything that there is. */
        public Nvme(long blocks, int blockSize, Optional<Path> file, String serial) {
            this(serial, List.of(new NvmeNamespace(blocks, blockSize, 0, false, 0, file)), NvmeOptions.DEFAULT);
        }

        /** Returns how many blocks the first namespace has, 0 if there is none. */
        public long blocks() {
            return namespaces.isEmpty() ? 0 : namespaces.getFirst().blocks();
        }

        /** Returns how many bytes the blocks of the first namespace have. */
        public int blockSize() {
            return namespaces.isEmpty() ? 512 : namespaces.getFirst().blockSize();
        }

        /** Returns where the first namespace is kept. */
        public Optional<Path> file() {
            return namespaces.isEmpty() ? Optional.empty() : namespaces.getFirst().file();
        }
    }

    /**
     * An Intel NIC (8086, class 020000), joined to the rack's switch.
     *
     * @param mac its Ethernet address
     * @param chip which controller it has
     */
    record Nic(MacAddress mac, NicChip chip) implements Card {

        /** A NIC with an 82574L. */
        public Nic(MacAddress mac) {
            this(mac, NicChip.I82574L);
        }
    }

    /**
     * A virtio-net device of version 1 (1af4:1041, class 020000), joined to the rack's switch.
     *
     * @param mac its Ethernet address
     * @param queuePairs 1 to 16
     * @param mtu the largest payload of a frame in bytes, 68 to 9,000
     */
    record VirtioNet(MacAddress mac, int queuePairs, int mtu) implements Card {

        public VirtioNet {
            if (queuePairs < 1 || queuePairs > 16 || mtu < 68 || mtu > 9000) {
                throw new IllegalArgumentException(
                        "a virtio-net device has 1 to 16 queue pairs and an MTU of 68 to 9000 bytes, not " + queuePairs
                                + " and " + mtu);
            }
        }

        /** A device with one queue pair and the MTU of Ethernet. */
        public VirtioNet(MacAddress mac) {
            this(mac, 1, 1500);
        }
    }

    /**
     * A device to learn from (1234:11e8, class 00ff00), the twin of QEMU's {@code -device edu}: it computes factorials, moves
     * bytes between memory and 4 KiB of its own, and interrupts.
     */
    record Edu() implements Card {}
}
