package org.busbar.shell.net.internal.port;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.busbar.net.ReceiveSpread;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.net.internal.Ask;

/** How the receive spread is shown. */
final class SpreadText {

    private SpreadText() {}

    static void add(ReceiveSpread spread, Fields fields) {
        List<String> hashed = spread.fields().stream().sorted().map(Ask::word).toList();
        fields.add("spread by", hashed, hashed.isEmpty() ? "nothing: all to one queue" : String.join(" ", hashed));
        fields.add("spread over", spread.table(), queues(spread.table()));
        fields.add("spread key", hex(spread.key()));
    }

    /** Returns how many entries of the table each queue has. */
    private static String queues(List<Integer> table) {
        return table.stream()
                .distinct()
                .sorted()
                .map(queue -> "queue " + queue + " (" + table.stream().filter(queue::equals).count() + " of "
                        + table.size() + ")")
                .collect(Collectors.joining(", "));
    }

    private static String hex(List<Integer> octets) {
        byte[] bytes = new byte[octets.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = octets.get(i).byteValue();
        }
        return HexFormat.of().formatHex(bytes);
    }
}
