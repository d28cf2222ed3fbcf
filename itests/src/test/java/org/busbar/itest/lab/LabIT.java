package org.busbar.itest.lab;

import static org.junit.Assert.fail;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.busbar.itest.lab.LabRun.Results;
import org.junit.AfterClass;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/**
 * The scenarios of the VM lab, each as a test of its own; all those of one boot run when the first of them is asked for. Where the lab
 * cannot run they are skipped, with the reason, unless it is required: by {@code BUSBAR_LAB=required} in the environment
 * or {@code -Dlab=required}.
 */
@RunWith(Parameterized.class)
public final class LabIT {

    private static final List<LabRun> RUNS =
            List.of(
                    new LabRun("busbar", ""),
                    new LabRun("busbar-nvme", ""),
                    new LabRun("busbar-no-iommu", "intel_iommu=off"));
    private static final Map<LabRun, Results> RESULTS = new HashMap<>();

    private final LabRun run;
    private final String title;

    public LabIT(LabRun run, String title) {
        this.run = run;
        this.title = title;
    }

    @Parameters(name = "{1}")
    public static List<Object[]> scenarios() throws IOException {
        List<Object[]> all = new ArrayList<>();
        for (LabRun run : RUNS) {
            for (String title : run.titles()) {
                all.add(new Object[] {run, title});
            }
        }
        return all;
    }

    @Test
    public void scenario() throws IOException, InterruptedException {
        if (!isRequired()) {
            Optional<String> obstacle = LabRun.obstacle();
            assumeTrue("the VM lab cannot run here: " + obstacle.orElse(""), obstacle.isEmpty());
        }
        Results results = RESULTS.get(run);
        if (results == null) {
            results = run.run();
            RESULTS.put(run, results);
        }
        results.failure(title).ifPresent(why -> fail(title + ": " + why));
    }

    private static boolean isRequired() {
        return "required".equals(System.getenv("BUSBAR_LAB")) || "required".equals(System.getProperty("lab"));
    }

    @AfterClass
    public static void forget() {
        RESULTS.clear();
    }
}
