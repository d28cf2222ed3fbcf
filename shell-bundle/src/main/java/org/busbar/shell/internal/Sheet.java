package org.busbar.shell.internal;

import org.busbar.shell.internal.text.Cells;

/** Lines of a label and a value, aligned. */
final class Sheet {

    private static final int LABEL = 13;

    private final StringBuilder text = new StringBuilder();

    void line(String label, String value) {
        text.append(label).repeat(' ', Math.max(1, LABEL - label.length())).append(Cells.printable(value)).append('\n');
    }

    @Override
    public String toString() {
        return text.toString().stripTrailing();
    }
}
