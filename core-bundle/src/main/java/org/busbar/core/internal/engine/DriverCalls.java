package org.busbar.core.internal.engine;

import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.core.internal.scope.Grant;
import org.busbar.core.internal.scope.Leak;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.ProbeException;

/** What a driver says during a tenure: through its grant, and by what its methods throw. From any thread. */
final class DriverCalls implements Grant.Reports {

    /** A call into a driver. */
    interface ForeignCall {
        void run() throws Exception;
    }

    private final Environment env;
    private final TenureOwner owner;
    private final Tenure tenure;
    private final AtomicBoolean suspected = new AtomicBoolean();

    DriverCalls(Environment env, TenureOwner owner, Tenure tenure) {
        this.env = env;
        this.owner = owner;
        this.tenure = tenure;
    }

    /** Calls a driver; what it throws is told and stops nothing. Returns whether it has not thrown. */
    boolean call(String what, ForeignCall foreign) {
        try {
            foreign.run();
            return true;
        } catch (Throwable thrown) { // a driver may throw anything: the removal goes on regardless
            trouble(what, thrown);
            return false;
        }
    }

    @Override
    public void failed(Throwable cause) {
        owner.failed(tenure, Plain.of(cause));
    }

    @Override
    public void suspectGone(String why) {
        if (!suspected.getAndSet(true)) { // once is news; a driver that polls would say it again and again
            owner.suspectGone(tenure, why);
        }
    }

    @Override
    public void stuck(Leak action) {
        env.worker().post(() -> tenure.stuck("what is to be done on revocation", action.stack()));
    }

    @Override
    public void trouble(String what, Throwable thrown) {
        ProbeException plain = Plain.of(thrown);
        if (thrown instanceof DeviceGoneException) {
            owner.overtaken(tenure, what, Failures.message(plain)); // that is what drivers are to throw then
        } else {
            owner.trouble(tenure, what, plain);
        }
    }
}
