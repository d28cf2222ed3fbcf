package org.busbar.emulator;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The properties in a card's text. Each is taken once; one that nobody takes is one that the card does not have. */
final class CardWords {

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([KMGT]?)", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGT";

    private final String text;
    private final Map<String, String> properties = new LinkedHashMap<>();

    /** @param text the whole of it; what is after the first colon are properties */
    CardWords(String text) {
        this.text = text;
        int colon = text.indexOf(':');
        if (colon >= 0) {
            split(text.substring(colon + 1));
        }
    }

    private void split(String list) {
        for (String part : list.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw wrong("'" + part + "' is not of the form property=value");
            }
            String name = part.substring(0, equals).strip();
            if (properties.put(name, part.substring(equals + 1).strip()) != null) {
                throw wrong("it has " + name + " twice");
            }
        }
    }

    /** Returns what kind of card it is. */
    String kind() {
        int colon = text.indexOf(':');
        return (colon < 0 ? text : text.substring(0, colon)).strip();
    }

    void requireNothingLeft() {
        if (!properties.isEmpty()) {
            throw wrong("there is no property " + String.join(", ", properties.keySet()));
        }
    }

    /** Takes a property, null if it is not given. */
    @Nullable
    String take(String name) {
        return properties.remove(name);
    }

    /** Takes a property that is a list. */
    String[] list(String name, String fallback) {
        String value = properties.remove(name);
        return (value == null ? fallback : value).split("\\+", -1);
    }

    int number(String name, int fallback, int least, int most) {
        String value = properties.remove(name);
        return value == null ? fallback : number(name, value, least, most);
    }

    int number(String name, String value, int least, int most) {
        if (value.matches("[0-9]{1,6}")) {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw wrong(name + " is a number from " + least + " to " + most);
    }

    boolean yes(String name, String value) {
        return switch (value) {
            case "yes" -> true;
            case "no" -> false;
            default -> throw wrong(name + " is yes or no");
        };
    }

    long size(String value) {
        Matcher matcher = SIZE.matcher(value);
        if (!matcher.matches()) {
            throw wrong("a size looks like 64M or 67108864");
        }
        String unit = matcher.group(2);
        int shift = unit.isEmpty() ? 0 : 10 * (UNITS.indexOf(Character.toUpperCase(unit.charAt(0))) + 1);
        long number = Long.parseLong(matcher.group(1));
        if (number > Long.MAX_VALUE >> shift) {
            throw wrong("nothing is so large");
        }
        return number << shift;
    }

    IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException(why + ", in '" + text
                + "'; a card looks like nvme:size=64M,block=512,file=PATH,serial=TEXT"
                + " or nvme:size=64M+32M,metadata=0+8,protection=0+1,version=2.0,without=sgl+copy"
                + " or nic:mac=52:54:00:12:34:56 or e1000:model=82540EM or virtio-net:mac=52:54:00:12:34:56,queues=1,mtu=1500");
    }
}
