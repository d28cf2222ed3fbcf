package org.busbar.shell.net.internal.traffic;

import java.util.Locale;
import org.busbar.shell.internal.text.Fields;

/** How much passed, and how fast. */
final class Rates {

    private static final int OVERHEAD = 24; // preamble 8, check sequence 4, gap 12: IEEE 802.3, clause 4

    private Rates() {}

    static Fields add(Fields fields, String verb, long frames, long bytes, long nanos) {
        double seconds = nanos / 1e9;
        double perSecond = seconds == 0 ? 0 : frames / seconds;
        double wire = seconds == 0 ? 0 : (bytes + frames * OVERHEAD) * 8 / seconds / 1e6;
        return fields.add(verb, frames, String.format(Locale.ROOT, "%,d frames", frames))
                .add("bytes", bytes, String.format(Locale.ROOT, "%,d", bytes))
                .add("seconds", seconds, String.format(Locale.ROOT, "%.3f", seconds))
                .add("per second", perSecond, String.format(Locale.ROOT, "%,.0f frames", perSecond))
                .add("on a wire", wire, String.format(Locale.ROOT, "%,.1f Mb/s", wire));
    }
}
