package org.busbar.pci;

import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a PCI function. Hosts of one runtime have different domains, so an address is unique in it.
 *
 * @param domain 0 to 0x7fffffff; the machine's own are usually 0
 * @param bus 0 to 255
 * @param device 0 to 255: real devices stop at 31, made-up trees need not
 * @param function 0 to 7
 */
public record PciAddress(int domain, int bus, int device, int function) implements Comparable<PciAddress> {

    private static final Pattern FORM =
            Pattern.compile("(?:([0-9a-fA-F]{4,8}):)?([0-9a-fA-F]{2}):([0-9a-fA-F]{2})\\.([0-7])");

    public PciAddress {
        if (domain < 0 || (bus & ~0xff) != 0 || (device & ~0xff) != 0 || (function & ~7) != 0) {
            throw new IllegalArgumentException("no PCI address: domain %x bus %x device %x function %x"
                    .formatted(domain, bus, device, function));
        }
    }

    /**
     * Parses {@code 0000:02:00.0}, or {@code 02:00.0} for domain 0.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static PciAddress parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a PCI address looks like 0000:02:00.0 (domain:bus:device.function, hex), not '" + text + "'");
        }
        long domain = matcher.group(1) == null ? 0 : HexFormat.fromHexDigitsToLong(matcher.group(1));
        if (domain > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("the domain of '" + text + "' is above 7fffffff");
        }
        return new PciAddress(
                (int) domain,
                HexFormat.fromHexDigits(matcher.group(2)),
                HexFormat.fromHexDigits(matcher.group(3)),
                matcher.group(4).charAt(0) - '0');
    }

    @Override
    public int compareTo(PciAddress other) {
        int order = Integer.compare(domain, other.domain);
        return order != 0 ? order : Integer.compare(withinDomain(), other.withinDomain());
    }

    private int withinDomain() {
        return bus << 11 | device << 3 | function;
    }

    /** Returns the canonical form, lowercase with at least four digits of domain: {@code 0000:02:00.0}. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        String domainDigits = domain > 0xffff ? Integer.toHexString(domain) : hex.toHexDigits((short) domain);
        return domainDigits + ':' + hex.toHexDigits((byte) bus) + ':' + hex.toHexDigits((byte) device) + '.'
                + function;
    }
}
