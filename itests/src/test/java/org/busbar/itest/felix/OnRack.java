package org.busbar.itest.felix;

import java.util.concurrent.TimeUnit;
import org.busbar.itest.felix.control.Ledger;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.rules.Timeout;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.ProbeBuilder;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.junit.PaxExam;
import org.osgi.framework.Constants;

/** Tests in a framework with an empty rack and without drivers; what a test puts in is taken out after it. */
@RunWith(PaxExam.class)
public abstract class OnRack {

    /** More for long forms of tests, by hand. */
    private static final int LIMIT_SECONDS = Integer.getInteger("busbar.limit", 90);

    /** No test takes longer, whatever hangs. */
    @Rule
    public final Timeout timeout = Timeout.builder().withTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).build();

    Rig rig;

    @Configuration
    public Option[] framework() {
        return new Option[] {Felix.options()};
    }

    /** The probe must not have its own copy of what it shares with drivers. */
    @ProbeBuilder
    public TestProbeBuilder probe(TestProbeBuilder builder) {
        return builder.setHeader(Constants.IMPORT_PACKAGE, Ledger.class.getPackageName());
    }

    /** Not in the constructor: it also runs outside of the framework. */
    @Before
    public void enter() {
        rig = new Rig();
    }

    @After
    public void leave() throws Exception {
        rig.close();
    }
}
