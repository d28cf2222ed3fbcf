package org.busbar.itest.lab;

import static org.junit.Assert.assertFalse;
import static org.junit.Assert.fail;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.busbar.itest.lab.LabRun.Results;
import org.junit.AfterClass;
import org.junit.BeforeClass;
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
                    new LabRun("busbar-nic", ""),
                    new LabRun("busbar-no-iommu", "intel_iommu=off"));
    private static final Map<LabRun, Results> RESULTS = new HashMap<>();

    /** Where the build finds why the lab did not run, or not all of it, to say so. */
    private static final Path REASON = Path.of("target", "lab-did-not-run.txt");

    private static String obstacle = "";

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

    @BeforeClass
    public static void look() throws IOException, InterruptedException {
        Files.deleteIfExists(REASON);
        obstacle = LabRun.obstacle().orElse("");
        if (!obstacle.isEmpty() && !isRequired()) {
            Files.writeString(REASON, obstacle);
        }
    }

    @Test
    public void scenario() throws IOException, InterruptedException {
        if (!obstacle.isEmpty()) {
            String why = "the VM lab cannot run here: " + obstacle;
            assertFalse(why + System.lineSeparator() + "(it is required)", isRequired());
            assumeTrue(why, false);
        }
        Results results = RESULTS.get(run);
        if (results == null) {
            results = run.run();
            RESULTS.put(run, results);
        }
        Optional<String> reason = results.reasonToSkip(title);
        if (reason.isPresent()) {
            Files.writeString(REASON, reason.get());
            assumeTrue(title + ": " + reason.get(), false);
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
