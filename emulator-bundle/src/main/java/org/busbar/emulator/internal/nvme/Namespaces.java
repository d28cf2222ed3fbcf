package org.busbar.emulator.internal.nvme;

import java.util.ArrayList;
import java.util.List;
import org.busbar.emulator.Card;
import org.busbar.emulator.NvmeNamespace;
import org.jspecify.annotations.Nullable;

/** The namespaces that there are (section 6.1), by identifier. */
final class Namespaces implements AutoCloseable {

    /** The identifier that names all namespaces. */
    static final int ALL = 0xffff_ffff;

    private static final int IDENTIFIERS_PER_LIST = 1024;

    private final String serial;
    private final @Nullable Namespace[] byId;
    private final long capacity;
    private final boolean shared;
    /** How many namespaces there have ever been: names are not given twice. */
    private int made;

    /**
     * @throws IllegalArgumentException if there cannot be such namespaces; the message says why
     */
    Namespaces(Card.Nvme card) {
        serial = card.serial();
        shared = card.options().shared();
        byId = new @Nullable Namespace[card.options().maxNamespaces() + 1];
        try {
            for (NvmeNamespace wanted : card.namespaces()) {
                create(wanted).attached(true);
            }
        } catch (IllegalArgumentException e) {
            close();
            throw e;
        }
        capacity = Math.max(used(), card.options().capacity() > 0 ? card.options().capacity() : 2 * used());
    }

    /** Returns the highest identifier that there can be. */
    int max() {
        return byId.length - 1;
    }

    boolean valid(int id) {
        return id >= 1 && id < byId.length;
    }

    /** Returns a namespace, attached or not. */
    @Nullable
    Namespace allocated(int id) {
        return valid(id) ? byId[id] : null;
    }

    /** Returns a namespace if the controller offers it. */
    @Nullable
    Namespace active(int id) {
        Namespace found = allocated(id);
        return found != null && found.attached() ? found : null;
    }

    /** Returns all namespaces, ascending. */
    List<Namespace> list() {
        List<Namespace> all = new ArrayList<>();
        for (Namespace namespace : byId) {
            if (namespace != null) {
                all.add(namespace);
            }
        }
        return all;
    }

    /** Returns those identifiers above one that belong in a list: the first 1,024 (section 5.15.2.3). */
    List<Integer> above(int id, boolean attachedOnly) {
        return list().stream()
                .filter(namespace -> Integer.compareUnsigned(namespace.id(), id) > 0)
                .filter(namespace -> namespace.attached() || !attachedOnly)
                .map(Namespace::id)
                .limit(IDENTIFIERS_PER_LIST)
                .toList();
    }

    /**
     * Makes a namespace that is not attached yet.
     *
     * @throws IllegalArgumentException if there cannot be such a namespace; the message says why
     * @throws IllegalStateException if there is no identifier for it
     */
    Namespace create(NvmeNamespace wanted) {
        int id = free();
        if (id == 0) {
            throw new IllegalStateException("all " + max() + " identifiers for namespaces are in use");
        }
        Namespace created = new Namespace(id, NamespaceNames.of(serial, made + 1), wanted, shared);
        made++;
        byId[id] = created;
        return created;
    }

    /** Returns the lowest free identifier, or 0. */
    int free() {
        for (int id = 1; id < byId.length; id++) {
            if (byId[id] == null) {
                return id;
            }
        }
        return 0;
    }

    void delete(Namespace namespace) {
        byId[namespace.id()] = null;
        namespace.close();
    }

    /** Returns the bytes that all namespaces may have together. */
    long capacity() {
        return capacity;
    }

    /** Returns the bytes that no namespace has. */
    long unused() {
        return Math.max(0, capacity - used());
    }

    private long used() {
        return list().stream().mapToLong(Namespace::size).sum();
    }

    @Override
    public void close() {
        for (Namespace namespace : list()) {
            delete(namespace);
        }
    }
}
