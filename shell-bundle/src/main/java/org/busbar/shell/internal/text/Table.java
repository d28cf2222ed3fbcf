package org.busbar.shell.internal.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Text in aligned columns, each as wide as its widest cell; the widest columns give way where a line gets too long. */
public final class Table {

    private static final int WIDTH = 100;
    private static final int NARROWEST = 12;
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... header) {
        rows.add(List.of(header));
    }

    /** Adds a row, with as many cells as the header has. */
    public Table row(String... cells) {
        if (cells.length != rows.getFirst().size()) {
            throw new IllegalArgumentException(
                    "a row of " + cells.length + " cells in a table of " + rows.getFirst().size());
        }
        rows.add(Stream.of(cells).map(Cells::printable).toList());
        return this;
    }

    /** Returns how many rows there are below the header. */
    public int size() {
        return rows.size() - 1;
    }

    @Override
    public String toString() {
        int[] widths = widths();
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                String cell = Cells.fit(row.get(column), widths[column]);
                line.append(cell).repeat(' ', widths[column] - cell.length()).append(GAP);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.substring(0, text.length() - 1);
    }

    private int[] widths() {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        int spare = WIDTH - GAP.length() * (widths.length - 1);
        for (int width : widths) {
            spare -= width;
        }
        while (spare < 0) {
            int widest = 0;
            for (int column = 1; column < widths.length; column++) {
                widest = widths[column] > widths[widest] ? column : widest;
            }
            if (widths[widest] <= NARROWEST) {
                break;
            }
            widths[widest]--;
            spare++;
        }
        return widths;
    }
}
