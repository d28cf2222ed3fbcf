package org.busbar.net;

import java.util.List;
import java.util.Set;

/**
 * How received frames are spread over queue pairs: a Toeplitz hash of addresses and ports chooses an entry of a table, the
 * entry a queue (receive side scaling).
 *
 * @param key key of the hash, as unsigned octets, 0 to 255 each
 * @param table numbers of queues; its size is a power of two
 * @param fields what is hashed
 */
public record ReceiveSpread(List<Integer> key, List<Integer> table, Set<Field> fields) {

    /** What of a frame is hashed. */
    public enum Field {
        /** Addresses of IPv4. */
        IPV4,
        /** Addresses and ports of TCP over IPv4. */
        TCP_IPV4,
        /** Addresses and ports of UDP over IPv4. */
        UDP_IPV4,
        /** Addresses of IPv6. */
        IPV6,
        /** Addresses and ports of TCP over IPv6. */
        TCP_IPV6,
        /** Addresses and ports of UDP over IPv6. */
        UDP_IPV6
    }

    public ReceiveSpread {
        if (key.stream().anyMatch(octet -> octet < 0 || octet > 255)) {
            throw new IllegalArgumentException("the octets of a key are 0 to 255, not " + key);
        }
        if (Integer.bitCount(table.size()) != 1 || table.stream().anyMatch(queue -> queue < 0)) {
            throw new IllegalArgumentException(
                    "a table has a power of two entries, which are numbers of queues, not " + table);
        }
        key = List.copyOf(key);
        table = List.copyOf(table);
        fields = Set.copyOf(fields);
    }
}
