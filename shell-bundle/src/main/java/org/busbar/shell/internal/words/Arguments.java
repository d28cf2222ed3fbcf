package org.busbar.shell.internal.words;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The words after a command's name: switches, options with a value ({@code --bs 4k} or {@code --bs=4k}) and what is
 * neither. An option may have several names; it is asked for by its first.
 */
public final class Arguments {

    private final List<String> plain;
    private final Map<String, String> values;

    private Arguments(List<String> plain, Map<String, String> values) {
        this.plain = plain;
        this.values = values;
    }

    /** Which options a command knows. */
    public static final class Syntax {

        private final Map<String, String> names = new HashMap<>();
        private final Set<String> valued = new HashSet<>();
        private final Set<String> known = new LinkedHashSet<>();

        /** Adds an option with a value. */
        public Syntax option(String name, String... alsoKnownAs) {
            return add(true, name, alsoKnownAs);
        }

        /** Adds a switch. */
        public Syntax flag(String name, String... alsoKnownAs) {
            return add(false, name, alsoKnownAs);
        }

        private Syntax add(boolean value, String name, String... others) {
            known.add(name);
            if (value) {
                valued.add(name);
            }
            names.put(name, name);
            for (String other : others) {
                names.put(other, name);
            }
            return this;
        }

        /** Reads a command's words. */
        public Arguments parse(List<String> words) {
            List<String> plain = new ArrayList<>();
            Map<String, String> values = new HashMap<>();
            for (int i = 0; i < words.size(); i++) {
                String word = words.get(i);
                if (!word.startsWith("-") || word.equals("-")) {
                    plain.add(word);
                    continue;
                }
                int equals = word.indexOf('=');
                String name = names.get(equals < 0 ? word : word.substring(0, equals));
                if (name == null) {
                    throw new CommandFailure("there is no option " + word + "; there are "
                            + String.join(" ", known));
                }
                boolean needsValue = valued.contains(name);
                if (!needsValue && equals >= 0) {
                    throw new CommandFailure(name + " takes no value");
                }
                if (needsValue && equals < 0 && ++i == words.size()) {
                    throw new CommandFailure(name + " needs a value");
                }
                String value = !needsValue ? "" : equals < 0 ? words.get(i) : word.substring(equals + 1);
                if (values.put(name, value) != null) {
                    throw new CommandFailure(name + " is there twice");
                }
            }
            return new Arguments(List.copyOf(plain), Map.copyOf(values));
        }
    }

    /** Returns what is no option. */
    public List<String> plain() {
        return plain;
    }

    /** Returns the only word that is no option. */
    public String only(String what) {
        if (plain.size() != 1) {
            throw new CommandFailure(
                    plain.isEmpty() ? "which " + what + "?" : "one " + what + " at a time, not " + plain);
        }
        return plain.getFirst();
    }

    /** Returns whether a switch, or an option, is there. */
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** Returns an option's text. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** Returns an option's value, nothing if it is not there; a parser's complaint names the option. */
    public <T> Optional<T> value(String name, Function<String, T> parser) {
        return text(name).map(text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(name + ": " + e.getMessage(), e);
            }
        });
    }

    /** Returns an option's number, which has to be in a range. */
    public int number(String name, int unset, int least, int most) {
        return value(name, text -> {
            long number = Quantities.number(text);
            if (number < least || number > most) {
                throw new IllegalArgumentException("has to be " + least + " to " + most + ", not " + text);
            }
            return (int) number;
        }).orElse(unset);
    }
}
