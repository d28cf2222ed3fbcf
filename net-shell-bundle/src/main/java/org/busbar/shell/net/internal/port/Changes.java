package org.busbar.shell.net.internal.port;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.busbar.net.NetworkPort;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.net.internal.Ask;
import org.busbar.shell.net.internal.Ports;

/** Settings of a port that are to be changed together: all are understood, and possible, before the first is. */
final class Changes {

    private final NetworkPort port;
    private final List<Change> changes;

    private Changes(NetworkPort port, List<Change> changes) {
        this.port = port;
        this.changes = changes;
    }

    private record Change(String text, Ask.Action action) {}

    /**
     * Reads what is to be changed; nothing is yet.
     *
     * @throws CommandFailure if one of them cannot be
     */
    static Changes of(Ports.Found found, List<String> words) {
        List<Change> changes = new ArrayList<>();
        Set<Setting> seen = new HashSet<>();
        for (String word : words) {
            try {
                changes.add(change(found, word, seen));
            } catch (CommandFailure e) {
                throw new CommandFailure(e.getMessage() + "; nothing was changed", e);
            }
        }
        return new Changes(found.port(), changes);
    }

    private static Change change(Ports.Found found, String word, Set<Setting> seen) {
        int equals = word.indexOf('=');
        if (equals < 0) {
            throw new CommandFailure(
                    "'" + word + "' is not key=value; the keys are " + String.join(", ", Setting.keys()));
        }
        Setting setting = Setting.of(word.substring(0, equals));
        if (!seen.add(setting)) {
            throw new CommandFailure(setting.key() + " is there twice");
        }
        Ask.require(found.port(), setting.feature(), setting.key());
        try {
            return new Change(word, setting.action(found, word.substring(equals + 1)));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(setting.key() + ": " + e.getMessage(), e);
        }
    }

    /** Changes one after the other; where one fails, those before it stay changed, and the failure says so. */
    String apply() {
        for (int i = 0; i < changes.size(); i++) {
            try {
                Ask.to(port, changes.get(i).action());
            } catch (CommandFailure e) {
                throw new CommandFailure(
                        changes.get(i).text() + " failed: " + e.getMessage() + aftermath(i), e);
            }
        }
        return port.name() + ": " + texts(changes);
    }

    private String aftermath(int failed) {
        if (changes.size() == 1) {
            return "";
        }
        String before =
                failed == 0 ? "nothing was changed" : texts(changes.subList(0, failed)) + " had been set, and stays";
        List<Change> after = changes.subList(failed + 1, changes.size());
        return "; " + before + (after.isEmpty() ? "" : "; " + texts(after) + " was not tried");
    }

    private static String texts(List<Change> changes) {
        return String.join(" ", changes.stream().map(Change::text).toList());
    }
}
