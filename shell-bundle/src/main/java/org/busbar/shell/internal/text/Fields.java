package org.busbar.shell.internal.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Labelled values in order, to be shown to people or to programs. Values are texts, numbers, lists or maps of them. */
public final class Fields {

    private record Line(String label, String text) {}

    private final List<Line> lines = new ArrayList<>();
    private final Map<String, Object> values = new LinkedHashMap<>();

    /** Adds a value that reads the same for both. */
    public Fields add(String label, Object value) {
        return add(label, value, value.toString());
    }

    /** Adds a value that people read differently. */
    public Fields add(String label, Object value, String text) {
        values.put(label, value);
        lines.add(new Line(label, text));
        return this;
    }

    /** Returns what programs are shown. */
    public Map<String, Object> values() {
        return values;
    }

    /** Returns lines for people, or JSON. */
    public String show(boolean json) {
        if (json) {
            return Json.of(values);
        }
        int width = lines.stream().mapToInt(line -> line.label().length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            text.append(line.label())
                    .repeat(' ', width - line.label().length())
                    .append(" : ")
                    .append(line.text())
                    .append('\n');
        }
        return text.toString().replace(" : \n", " :\n").stripTrailing();
    }
}
