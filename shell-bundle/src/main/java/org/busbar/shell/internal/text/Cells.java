package org.busbar.shell.internal.text;

/** Words of which some come from devices, made fit for a place on a terminal. */
public final class Cells {

    private static final int NARROWEST = 2;

    private Cells() {}

    /** Returns a text without anything that a terminal would obey instead of show: a serial number may hold any byte. */
    public static String printable(String text) {
        return text.codePoints().allMatch(Cells::isShown)
                ? text
                : text.codePoints()
                        .map(point -> isShown(point) ? point : '?')
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    /** Control characters, and those that turn the direction of what follows or hide it. */
    private static boolean isShown(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                false;
            default -> true;
        };
    }

    /** Returns a text, cut with an ellipsis if it is too long. However little room there is, its first letter stays. */
    public static String fit(String text, int room) {
        int width = Math.max(NARROWEST, room);
        return text.length() <= width ? text : text.substring(0, width - 1).stripTrailing() + "…";
    }
}
