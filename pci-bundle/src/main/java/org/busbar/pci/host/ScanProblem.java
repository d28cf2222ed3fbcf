package org.busbar.pci.host;

/**
 * Something that a scan could not read.
 *
 * @param where the function's address as the host names it, or the place that was to be read
 * @param what what is wrong and what to do about it
 */
public record ScanProblem(String where, String what) {

    @Override
    public String toString() {
        return where + ": " + what;
    }
}
