package org.busbar.device;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration, as a component's {@code activate} and {@code modified} methods get it, value by value. A value
 * that is none is not taken for another one (a component property type makes {@code yes} a {@code false}), and does not
 * keep a component from starting: it counts as not set, and is a problem that can be told.
 *
 * <p>For use by one thread.
 */
public final class ConfigValues {

    private final Map<String, ?> values;
    private final List<String> problems = new ArrayList<>();

    /**
     * Reads values of any type; text stands for each of them.
     *
     * @param values the configuration; what is not asked for does not matter
     */
    public ConfigValues(Map<String, ?> values) {
        this.values = values;
    }

    /**
     * Returns a whole number.
     *
     * @param key its name
     * @param least the smallest that is correct
     * @param most the largest that is correct
     * @param otherwise what counts if it is not set, or malformed
     */
    public long number(String key, long least, long most, long otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(value.toString().strip());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Reported below, with numbers that are out of range.
        }
        malformed(key, value, "write a whole number from " + least + " to " + most + ", for example " + key + "="
                + Math.clamp(otherwise, least, most));
        return otherwise;
    }

    /** Returns a whole number, as {@link #number(String, long, long, long)} does. */
    public int number(String key, int least, int most, int otherwise) {
        return Math.toIntExact(number(key, (long) least, (long) most, (long) otherwise));
    }

    /**
     * Returns whether something is on.
     *
     * @param key its name
     * @param otherwise what counts if it is not set, or neither {@code true} nor {@code false}
     */
    public boolean flag(String key, boolean otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        String text = value.toString().strip();
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
            return Boolean.parseBoolean(text);
        }
        malformed(key, value, "write true or false, for example " + key + "=" + otherwise);
        return otherwise;
    }

    /** Returns a list, which may be an array, a collection or, in plain files, a text with commas; empty if it is not set. */
    public List<String> list(String key) {
        Object value = values.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof Collection<?> collection) {
            return collection.stream().map(String::valueOf).toList();
        }
        if (value.getClass().isArray()) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                texts.add(String.valueOf(Array.get(value, i)));
            }
            return List.copyOf(texts);
        }
        return Arrays.stream(value.toString().split(",")).map(String::strip).toList();
    }

    /** Returns a text, or null if it is not set. */
    public @Nullable String text(String key) {
        Object value = values.get(key);
        return value == null ? null : value.toString();
    }

    /**
     * Adds a problem that the caller has found.
     *
     * @param key name of the value
     * @param value what is malformed: all of it, or one entry of a list
     * @param advice what would be correct
     */
    public void malformed(String key, Object value, String advice) {
        problem(key + " '" + value + "': " + advice);
    }

    /** Adds a problem in the caller's own words. */
    public void problem(String text) {
        problems.add(text);
    }

    /** Returns what is malformed of that which was asked for until now, each with the key and what would be correct. */
    public List<String> problems() {
        return List.copyOf(problems);
    }
}
