package org.busbar.shell.net.internal.wire;

import java.net.InetAddress;
import java.util.regex.Pattern;

/** IP addresses as they are written; names are none. */
public final class Literals {

    /** Not the old short forms, in which 10.7.1 is 10.7.0.1. */
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private Literals() {}

    /**
     * Returns an address.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static InetAddress address(String text) {
        if (text.indexOf(':') < 0 && !IPV4.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is no address; 10.7.0.1 or fd00::1 is one");
        }
        return InetAddress.ofLiteral(text);
    }
}
