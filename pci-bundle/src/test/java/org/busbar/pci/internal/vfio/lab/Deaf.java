package org.busbar.pci.internal.vfio.lab;

import org.busbar.pci.host.FunctionNotices;

/** Does not listen. */
final class Deaf implements FunctionNotices {

    @Override
    public void ejectRequested() {}

    @Override
    public void ejectCancelled() {}

    @Override
    public void maybeGone() {}

    @Override
    public void error(String what) {}
}
