package org.busbar.pci.host;

import java.util.List;

/**
 * What a host reported at one moment. A plain class rather than a record, because its identity means something: the same
 * object again says that nothing has changed.
 */
public final class HostSnapshot {

    private final List<HostFunction> functions;
    private final List<ScanProblem> problems;

    /**
     * @param functions the functions that are present, each address once, in ascending order of address; not copied, so
     *     immutable
     * @param problems what could not be read; not copied, so immutable
     */
    public HostSnapshot(List<HostFunction> functions, List<ScanProblem> problems) {
        this.functions = functions;
        this.problems = problems;
    }

    /** Returns the functions that are present, in ascending order of address. */
    public List<HostFunction> functions() {
        return functions;
    }

    /** Returns what could not be read. */
    public List<ScanProblem> problems() {
        return problems;
    }
}
