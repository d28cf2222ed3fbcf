package org.busbar.shell.internal.demo;

import java.util.List;
import java.util.concurrent.Callable;
import org.busbar.emulator.Rack;
import org.busbar.pci.PciBus;
import org.busbar.shell.internal.text.StandardStreams;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session that gives the tour. Ends with the first step that fails. */
@Component(service = Callable.class, property = "busbar.mode=demo")
public final class Demo implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(Demo.class);

    private final Transcript transcript;
    private final Stage stage;

    @Activate
    public Demo(@Reference PciBus bus, @Reference Rack rack, BundleContext context) {
        transcript = new Transcript(StandardStreams.out());
        stage = new Stage(context, bus, rack, transcript);
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Step> steps = Tour.steps();
        int number = 0;
        for (Step step : steps) {
            number++;
            transcript.headline(number, step.title());
            if (!passes(step)) {
                transcript.end("The tour ends here: step " + number + " failed.");
                return 1;
            }
        }
        transcript.end(number + " steps, " + transcript.checks() + " checks, all passed.");
        return 0;
    }

    private boolean passes(Step step) throws InterruptedException {
        try {
            step.run(stage);
            return true;
        } catch (InterruptedException e) {
            throw e;
        } catch (CheckFailedException e) {
            transcript.failed(String.valueOf(e.getMessage()));
        } catch (Exception e) { // a step that cannot be taken has failed
            LOG.error("'{}' failed", step.title(), e);
            transcript.failed(e.toString());
        }
        return false;
    }
}
