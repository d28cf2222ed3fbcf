package org.busbar.pci.internal.vfiouser.wire;

import java.util.ArrayList;
import java.util.List;
import org.busbar.pci.internal.sys.Fd;

/** The descriptors that came with a message. Those that nobody has taken are closed with it. For one thread. */
public final class Descriptors implements AutoCloseable {

    private final List<Fd> list;

    public Descriptors(List<Fd> list) {
        this.list = new ArrayList<>(list);
    }

    public int count() {
        return list.size();
    }

    /** Requires that there are so many. */
    public void require(String what, int least, int most) throws MalformedMessageException {
        if (list.size() < least || list.size() > most) {
            throw new MalformedMessageException("%s came with %d descriptors, not %s".formatted(what, list.size(),
                    least == most ? Integer.toString(least) : least + " to " + most));
        }
    }

    /** Takes them all: the caller closes them. */
    public List<Fd> take() {
        List<Fd> taken = List.copyOf(list);
        list.clear();
        return taken;
    }

    @Override
    public void close() {
        list.forEach(Fd::close);
        list.clear();
    }
}
