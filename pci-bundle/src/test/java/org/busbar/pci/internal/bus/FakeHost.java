package org.busbar.pci.internal.bus;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.PciHost;
import org.busbar.pci.host.ScanProblem;

/** A host whose slots are filled and emptied by hand, and that fails, hangs and lies when told to. */
final class FakeHost implements PciHost {

    final AtomicInteger scans = new AtomicInteger();
    final AtomicInteger scansAtOnce = new AtomicInteger();
    final AtomicInteger mostScansAtOnce = new AtomicInteger();
    final List<String> looks = new CopyOnWriteArrayList<>();
    final List<FunctionNotices> notices = new CopyOnWriteArrayList<>();
    volatile HostListener listener;
    volatile IOException scanFailure;
    volatile OpenException openFailure;
    volatile FunctionHandle handle;
    volatile boolean watchClosed;

    private final String name;
    private final NavigableMap<PciAddress, HostFunction> functions = new TreeMap<>();
    private final List<ScanProblem> problems = new ArrayList<>();
    private volatile List<HostFunction> lie;
    private volatile Gate gate;
    private boolean changed = true;

    /** Holds up one scan. */
    static final class Gate {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        void awaitEntered() throws InterruptedException {
            if (!entered.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody scans");
            }
        }

        void open() {
            opened.countDown();
        }
    }

    FakeHost(String name, String... addresses) {
        this.name = name;
        for (String address : addresses) {
            insert(address);
        }
    }

    synchronized HostFunction insert(String address) {
        return insert(FakeFunction.at(address));
    }

    synchronized HostFunction insert(HostFunction function) {
        functions.put(function.address(), function);
        changed = true;
        return function;
    }

    synchronized void remove(String address) {
        functions.remove(PciAddress.parse(address));
        changed = true;
    }

    synchronized void problem(String where, String what) {
        problems.add(new ScanProblem(where, what));
        changed = true;
    }

    void lie(List<HostFunction> outOfOrder) {
        lie = outOfOrder;
    }

    /** Has the next scan stop at a gate. */
    Gate hang() {
        gate = new Gate();
        return gate;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public HostSnapshot scan(HostSnapshot previous) throws IOException {
        scans.incrementAndGet();
        mostScansAtOnce.accumulateAndGet(scansAtOnce.incrementAndGet(), Math::max);
        try {
            passGate();
            if (scanFailure != null) {
                throw scanFailure;
            }
            return lie == null ? snapshot(previous) : new HostSnapshot(lie, List.of());
        } finally {
            scansAtOnce.decrementAndGet();
        }
    }

    @Override
    public synchronized HostSnapshot look(HostSnapshot previous, PciAddress address) throws IOException {
        looks.add(address.toString());
        if (scanFailure != null) {
            throw scanFailure;
        }
        NavigableMap<PciAddress, HostFunction> present = new TreeMap<>();
        previous.functions().forEach(function -> present.put(function.address(), function));
        HostFunction now = functions.get(address);
        HostFunction before = now == null ? present.remove(address) : present.put(address, now);
        return before == now ? previous : new HostSnapshot(List.copyOf(present.values()), previous.problems());
    }

    private synchronized HostSnapshot snapshot(HostSnapshot previous) {
        if (!changed && previous != null) {
            return previous;
        }
        changed = false;
        return new HostSnapshot(List.copyOf(functions.values()), List.copyOf(problems));
    }

    private void passGate() throws IOException {
        Gate closed = gate;
        if (closed != null) {
            gate = null;
            closed.entered.countDown();
            try {
                closed.opened.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
        }
    }

    @Override
    public HostWatch watch(HostListener newListener) {
        listener = newListener;
        return new HostWatch() {
            @Override
            public String how() {
                return "by hand";
            }

            @Override
            public void close() {
                watchClosed = true;
            }
        };
    }

    @Override
    public FunctionHandle open(HostFunction function, FunctionNotices functionNotices) throws OpenException {
        if (openFailure != null) {
            throw openFailure;
        }
        notices.add(functionNotices);
        return handle;
    }
}
