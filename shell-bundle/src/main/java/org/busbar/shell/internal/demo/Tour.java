package org.busbar.shell.internal.demo;

import java.util.List;

/** The steps of the tour, in order. Each builds on what those before it have left. */
final class Tour {

    private Tour() {}

    static List<Step> steps() {
        return List.of(
                new Scan(),
                new NicDriverArrives(),
                new NvmeDriverArrives(),
                new AskedForOverAndOver(),
                new Insert(),
                new Eject(),
                new PullDuringIo(),
                new DriverUpdated(),
                new DriverStoppedAndStarted(),
                new ServedByAnotherProcess(),
                new DriverLeaves());
    }
}
