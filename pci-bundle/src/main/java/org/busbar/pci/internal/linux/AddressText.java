package org.busbar.pci.internal.linux;

import org.busbar.pci.PciAddress;

/**
 * Reads addresses as the kernel writes them ({@code %04x:%02x:%02x.%d}) from bytes, into a number that sorts as
 * addresses do. Anything but the canonical form is no address, so that each address has exactly one name.
 */
final class AddressText {

    /** No address. */
    static final long NONE = -1;

    private AddressText() {}

    /** Returns the address in {@code text[from, to)} as a number, or {@link #NONE}. */
    static long parse(byte[] text, int from, int to) {
        int domainDigits = to - from - 8;
        if (domainDigits < 4 || domainDigits > 8 || text[to - 8] != ':' || text[to - 5] != ':' || text[to - 2] != '.') {
            return NONE;
        }
        if (domainDigits > 4 && text[from] == '0') {
            return NONE;
        }
        long domain = hex(text, from, to - 8);
        long bus = hex(text, to - 7, to - 5);
        long device = hex(text, to - 4, to - 2);
        int function = text[to - 1] - '0';
        if ((domain | bus | device) < 0 || domain > Integer.MAX_VALUE || (function & ~7) != 0) {
            return NONE;
        }
        return domain << 24 | bus << 16 | device << 8 | function;
    }

    private static long hex(byte[] text, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = lowercaseDigit(text[i]);
            if (digit < 0) {
                return NONE;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static int lowercaseDigit(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
    }

    /** Returns the number of an address. */
    static long key(PciAddress address) {
        return (long) address.domain() << 24 | address.bus() << 16 | address.device() << 8 | address.function();
    }

    /** Returns the address of a number. */
    static PciAddress address(long key) {
        return new PciAddress((int) (key >>> 24), (int) (key >>> 16) & 0xff, (int) (key >>> 8) & 0xff,
                (int) key & 0xff);
    }
}
