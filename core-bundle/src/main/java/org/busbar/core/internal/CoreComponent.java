package org.busbar.core.internal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.busbar.core.internal.engine.Environment;
import org.busbar.core.internal.engine.Session;
import org.busbar.core.internal.policy.Policy;
import org.busbar.core.internal.policy.PolicyParser;
import org.busbar.core.internal.work.Mailbox;
import org.busbar.core.internal.work.OsgiServiceWatch;
import org.busbar.core.internal.work.SystemScheduler;
import org.busbar.core.internal.work.ThreadTasks;
import org.busbar.device.DeviceEvent;
import org.busbar.device.Supervisor;
import org.busbar.device.bus.BusSession;
import org.busbar.device.bus.DriverCore;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver core as a service. Keeps policy, and hands it to the buses. */
@Component(service = {DriverCore.class, Supervisor.class}, configurationPid = "org.busbar.core")
@Designate(ocd = PolicyConfig.class)
public final class CoreComponent implements DriverCore, Supervisor {

    private static final Logger LOG = LoggerFactory.getLogger(CoreComponent.class);

    /**
     * Framework property: there is a configuration that has not been read yet, and until when, in words, nothing is to be
     * bound. Without it a policy that comes late, or never, would let devices be bound that it denies.
     */
    private static final String AWAITS = "busbar.core.awaits";

    private final BundleContext context;
    private final SystemScheduler scheduler = new SystemScheduler();
    private final ThreadTasks tasks = new ThreadTasks();
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final BundleListener uninstalled = this::bundleChanged;
    private volatile Policy policy;
    /** Whether a configuration is in force that a malformed one does not replace; the defaults are one, unless it is awaited. */
    private boolean configured;

    /** Starts the core. Configuration comes as a map, since a malformed value must not keep the core from starting. */
    @Activate
    public CoreComponent(BundleContext context, Map<String, Object> configuration) {
        this.context = context;
        String awaited = context.getProperty(AWAITS);
        configured = awaited == null || configuration.containsKey(Constants.SERVICE_PID);
        this.policy = configured
                ? first(PolicyParser.parse(configuration))
                : Policy.nothing("nothing is bound until " + awaited);
        context.addBundleListener(uninstalled);
    }

    /**
     * At start there is no earlier policy to stay with. A malformed number then counts as its default; a malformed entry
     * that was to keep a device from being touched means that nothing is touched.
     */
    private static Policy first(PolicyParser.Result result) {
        result.problems().forEach(problem -> LOG.error("malformed configuration org.busbar.core: {}", problem));
        return result.unsafe()
                ? Policy.nothing("nothing is bound until the configuration org.busbar.core is corrected: "
                        + String.join("; ", result.problems()))
                : result.policy();
    }

    @Modified
    void modified(Map<String, Object> configuration) {
        PolicyParser.Result result = PolicyParser.parse(configuration);
        if (!configured) {
            configured = true;
            adopt(first(result));
        } else if (result.problems().isEmpty()) {
            adopt(result.policy());
        } else {
            refuse(String.join("; ", result.problems()));
        }
    }

    private void adopt(Policy changed) {
        if (!changed.equals(policy)) {
            policy = changed;
            List.copyOf(sessions.values()).forEach(session -> session.policy(changed));
        }
    }

    private void refuse(String problems) {
        String refused = "malformed configuration org.busbar.core, the policy stays as it was: " + problems;
        LOG.error("{}", refused);
        List.copyOf(sessions.values()).forEach(session -> session.note(DeviceEvent.Kind.POLICY_CHANGED, refused));
    }

    @Deactivate
    void deactivate() {
        context.removeBundleListener(uninstalled);
        List.copyOf(sessions.values()).forEach(Session::close);
        scheduler.close();
    }

    @Override
    public BusSession open(String busName) {
        Policy known = policy;
        Session session = new Session(
                busName,
                new Environment(
                        new Mailbox("busbar-" + busName), scheduler, tasks, new OsgiServiceWatch(context)),
                known,
                closed -> sessions.remove(closed.bus(), closed));
        if (sessions.putIfAbsent(busName, session) != null) {
            session.close();
            throw new IllegalStateException("bus " + busName + " has a session already; close that one first");
        }
        if (!policy.equals(known)) {
            session.policy(policy); // it has changed before the session could be told
        }
        return session;
    }

    @Override
    public Duration patience() {
        return policy.supervision().patience();
    }

    @Override
    public void report(ServiceReference<?> offered, String what) {
        Object address = offered.getProperty("busbar.device");
        Object serviceId = offered.getProperty(Constants.SERVICE_ID);
        if (address == null || serviceId == null) {
            LOG.warn("{} is not offered by a driver, so it is no driver's failure that {}", offered, what);
            return;
        }
        LOG.warn("{}: its driver has failed: {}", address, what);
        sessions.values()
                .forEach(session -> session.serviceFailed(address.toString(), (Long) serviceId, what));
    }

    private void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.UNINSTALLED) {
            String name = String.valueOf(event.getBundle().getSymbolicName());
            sessions.values().forEach(session -> session.bundleUninstalled(name));
        }
    }
}
