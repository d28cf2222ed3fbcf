package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.PciAddress;
import org.busbar.pci.internal.Daemons;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.SocketCalls;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one endpoint: connects, finds out what is there, waits for the end of the connection, and tries again, at once if
 * the socket was exchanged, else later and later. A thread of its own, because a server may take its time.
 */
final class Keeper {

    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration LATE = Duration.ofSeconds(10);

    /** Told of what a keeper has found. Returns at once. */
    interface Listener {

        /** {@link #function} or {@link #problem} has changed. */
        void changed(Keeper keeper);
    }

    private final String name;
    private final Path socket;
    private final PciAddress address;
    private final long patienceMillis;
    private final Listener listener;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private @Nullable UserFunction function;
    private @Nullable String problem;
    private @Nullable Connection connection;
    private boolean nudged;
    private boolean stopping;

    /**
     * @param name of the endpoint, and of the slot
     * @param socket where it listens
     * @param address where its device appears
     * @param patienceMillis how long an exchange may take
     */
    Keeper(String name, Path socket, PciAddress address, long patienceMillis, Listener listener) {
        this.name = name;
        this.socket = socket;
        this.address = address;
        this.patienceMillis = patienceMillis;
        this.listener = listener;
        thread = Daemons.unstarted("busbar vfio-user keeper of " + name, this::run);
    }

    void start() {
        thread.start();
    }

    PciAddress address() {
        return address;
    }

    Path socket() {
        return socket;
    }

    /** Returns the device that is there. */
    Optional<UserFunction> function() {
        lock.lock();
        try {
            return Optional.ofNullable(function);
        } finally {
            lock.unlock();
        }
    }

    /** Returns why there is no device. */
    Optional<String> problem() {
        lock.lock();
        try {
            return Optional.ofNullable(problem);
        } finally {
            lock.unlock();
        }
    }

    /** Something has changed about the socket: if there is no connection, one is tried at once. */
    void nudge() {
        lock.lock();
        try {
            nudged = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of the endpoint: its device goes. */
    void stop() {
        Connection open;
        lock.lock();
        try {
            stopping = true;
            open = connection;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (open != null) {
            IOException _ = open.close("was left");
        }
    }

    /** Waits until it has let go of everything; returns whether it has. */
    boolean join(Duration most) throws InterruptedException {
        return thread.join(most);
    }

    private void run() {
        Duration pause = SOON;
        while (!isStopping()) {
            Duration before = pause;
            String why;
            try {
                why = keep(); // which returns only after there was a device
                pause = SOON;
            } catch (IOException | DeviceGoneException e) {
                why = String.valueOf(e.getMessage());
                pause = before.multipliedBy(2).compareTo(LATE) > 0 ? LATE : before.multipliedBy(2);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.error("{}: a defect of this program", socket, e);
                why = "was given up by a defect of this program: " + e;
                pause = LATE;
            }
            report(why);
            if (awaitNudge(pause)) {
                pause = SOON;
            }
        }
    }

    /** Connects, and stays connected; returns why it has ended. */
    private String keep() throws IOException, InterruptedException {
        UserDmaSpace memory = new UserDmaSpace();
        Connection made = connect(memory);
        made.start();
        if (!adopt(made)) {
            IOException _ = made.close("was left");
        }
        UserFunction found = identify(made, memory);
        LOG.info("{}: {} is there, {} class {}", socket, address, found.ids().deviceText(), found.ids().classText());
        set(found, null);
        String why = made.awaitEnd();
        LOG.info("{}: {} is gone: it {}", socket, address, why);
        set(null, null);
        found.gone();
        return why;
    }

    private UserFunction identify(Connection made, UserDmaSpace memory) throws IOException, InterruptedException {
        UserDevice device = null;
        boolean done = false;
        try {
            device = UserDevice.meet(made);
            UserFunction found = new UserFunction(name, address, device, memory);
            done = true;
            return found;
        } catch (IOException | DeviceGoneException e) {
            throw made.close(String.valueOf(e.getMessage())); // with what went wrong first
        } finally {
            if (!done) {
                IOException _ = made.close("could not be made out");
                String _ = made.awaitEnd();
                if (device != null) {
                    device.close();
                }
            }
        }
    }

    private Connection connect(UserDmaSpace memory) throws IOException {
        try {
            return new Connection(name, SocketCalls.connect(socket), patienceMillis, memory);
        } catch (ErrnoException e) {
            throw switch (e.errno()) {
                case Errno.ENOENT -> new IOException("is not there any more");
                case Errno.ECONNREFUSED ->
                    new IOException("is stale: nobody listens any more; start its server again, or delete " + socket);
                case Errno.EAGAIN -> new IOException("has other clients, who wait before this one");
                case Errno.EACCES, Errno.EPERM ->
                    new IOException("may not be used by this user: change the owner or the mode of " + socket);
                default -> e;
            };
        }
    }

    private boolean adopt(Connection made) {
        lock.lock();
        try {
            connection = made;
            return !stopping;
        } finally {
            lock.unlock();
        }
    }

    private void set(@Nullable UserFunction now, @Nullable String why) {
        lock.lock();
        try {
            function = now;
            problem = why;
            if (now == null) {
                connection = null;
            }
        } finally {
            lock.unlock();
        }
        listener.changed(this);
    }

    /** Says why there is no device, unless that has been said. */
    private void report(String why) {
        boolean news;
        lock.lock();
        try {
            news = !why.equals(problem) && !stopping;
        } finally {
            lock.unlock();
        }
        if (news) {
            LOG.warn("{} {}", socket, why);
            set(null, why);
        }
    }

    private boolean isStopping() {
        lock.lock();
        try {
            return stopping;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is reason to try again; returns whether that is because the socket has changed. */
    private boolean awaitNudge(Duration pause) {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (!nudged && !stopping && left > 0) {
                left = changed.awaitNanos(left);
            }
            boolean was = nudged;
            nudged = false;
            return was;
        } catch (InterruptedException e) {
            stopping = true; // nobody interrupts this thread but to end it
            return false;
        } finally {
            lock.unlock();
        }
    }
}
