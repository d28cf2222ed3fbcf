package org.busbar.nvme;

import java.util.List;

/**
 * The firmware slots (section 5.14.1.3, figure 195).
 *
 * @param active the slot whose firmware runs, 1 to 7
 * @param next the slot that the next reset activates, 0 if none was chosen
 * @param revisions the revision in slots 1 to 7, empty for an empty slot
 */
public record FirmwareLog(int active, int next, List<String> revisions) {

    public FirmwareLog {
        revisions = List.copyOf(revisions);
    }
}
