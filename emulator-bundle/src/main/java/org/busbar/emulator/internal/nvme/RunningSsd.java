package org.busbar.emulator.internal.nvme;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.Ssd;

/** An SSD as it is changed from behind: everything is done by the device's thread. */
final class RunningSsd implements Ssd {

    private static final int COLDEST = -273;
    private static final int HOTTEST = 1000;

    private final Errands errands;
    private final Namespaces namespaces;
    private final Doorbells doorbells;
    private final Supplier<Engine> engine;
    private final LongSupplier resets;

    /**
     * @param engine asked on the device's thread only
     * @param resets how often the controller was reset so far
     */
    RunningSsd(Errands errands, Namespaces namespaces, Doorbells doorbells, Supplier<Engine> engine,
            LongSupplier resets) {
        this.resets = resets;
        this.errands = errands;
        this.namespaces = namespaces;
        this.doorbells = doorbells;
        this.engine = engine;
    }

    @Override
    public List<NamespaceState> namespaces() {
        return errands.run(() -> namespaces.list().stream().map(RunningSsd::view).toList());
    }

    private static NamespaceState view(Namespace namespace) {
        return new NamespaceState(
                namespace.id(),
                namespace.blocks(),
                namespace.format().blockSize(),
                namespace.format().metadata(),
                namespace.protection(),
                namespace.attached(),
                namespace.names().uuid().toString());
    }

    @Override
    public long resets() {
        return resets.getAsLong();
    }

    @Override
    public int create(NvmeNamespace wanted) {
        return errands.run(() -> namespaces.create(wanted).id());
    }

    @Override
    public void delete(int id) {
        change(id, namespace -> {
            boolean attached = namespace.attached();
            namespaces.delete(namespace);
            if (attached) {
                changed(id);
            }
        });
    }

    @Override
    public void attach(int id) {
        change(id, namespace -> attached(namespace, true));
    }

    @Override
    public void detach(int id) {
        change(id, namespace -> attached(namespace, false));
    }

    private void attached(Namespace namespace, boolean wanted) {
        if (namespace.attached() != wanted) {
            namespace.attached(wanted);
            changed(namespace.id());
        }
    }

    @Override
    public void resize(int id, long blocks) {
        change(id, namespace -> {
            namespace.resize(blocks);
            if (namespace.attached()) {
                changed(id);
            }
        });
    }

    @Override
    public void temperature(int celsius) {
        if (celsius < COLDEST || celsius > HOTTEST) {
            throw new IllegalArgumentException(
                    "a temperature is " + COLDEST + " to " + HOTTEST + " degrees Celsius, not " + celsius);
        }
        tell(running -> running.subsystem().health().temperature(celsius));
    }

    @Override
    public void criticalWarning(int bits) {
        tell(running -> running.subsystem().health().raise(bits));
    }

    @Override
    public long submissionDoorbells(int queue) {
        return doorbells.writes(queue, true);
    }

    @Override
    public long completionDoorbells(int queue) {
        return doorbells.writes(queue, false);
    }

    @Override
    public void fatal() {
        tell(Engine::fail);
    }

    private void changed(int id) {
        engine.get().subsystem().changed().add(id);
    }

    private void change(int id, Consumer<Namespace> change) {
        tell(running -> {
            Namespace namespace = namespaces.allocated(id);
            if (namespace == null) {
                throw new IllegalArgumentException("there is no namespace " + id);
            }
            change.accept(namespace);
        });
    }

    private void tell(Consumer<Engine> what) {
        errands.run(() -> {
            what.accept(engine.get());
            return true;
        });
    }
}
