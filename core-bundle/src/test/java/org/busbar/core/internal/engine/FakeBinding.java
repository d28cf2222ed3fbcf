package org.busbar.core.internal.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceId;
import org.busbar.device.DriverBinding;
import org.busbar.device.RemovalReason;

/** A binding that records what is asked of it. */
public class FakeBinding implements DriverBinding {

    public final DeviceId device;
    public final DeviceContext context;
    public final List<String> calls = new CopyOnWriteArrayList<>();

    public FakeBinding(DeviceId device, DeviceContext context) {
        this.device = device;
        this.context = context;
    }

    @Override
    public void quiesce(Deadline deadline) throws Exception {
        calls.add("quiesce");
    }

    @Override
    public void close(RemovalReason reason) throws Exception {
        calls.add("close " + reason);
    }
}
