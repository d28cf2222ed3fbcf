package org.busbar.core.internal.engine;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.HandoverBinding;
import org.busbar.device.HandoverState;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.Keepable;
import org.busbar.device.bus.Kept;

/** A binding that can hand its device over, and a bus that can keep it; both record what is asked of them. */
final class LeavingBinding extends FakeBinding implements HandoverBinding {

    /** What to do when the device is to be handed over. */
    interface Leaving {
        Optional<HandoverState> handOver(LeavingBinding binding) throws Exception;
    }

    static final HandoverState STATE = new HandoverState("test", 1, new byte[] {1, 2, 3});

    final FakeFunction function = new FakeFunction();
    volatile Leaving behaviour = binding -> Optional.of(STATE);

    LeavingBinding(BusDevice device, DeviceContext context) {
        super(device.id(), context);
        context.own("function", function);
    }

    @Override
    public Optional<HandoverState> handOver(Deadline deadline) throws Exception {
        calls.add("handOver");
        return behaviour.handOver(this);
    }

    /** An open function. */
    static final class FakeFunction implements Keepable, Kept {

        final List<String> calls = new CopyOnWriteArrayList<>();
        volatile boolean refuses;
        volatile boolean adopted;
        private volatile boolean kept;

        @Override
        public Kept keep(HandoverState state) {
            calls.add("keep " + state);
            if (refuses) {
                throw new IllegalStateException("cannot be kept");
            }
            kept = true;
            return this;
        }

        @Override
        public void close() {
            if (!kept) {
                calls.add("close");
            }
        }

        @Override
        public String text() {
            return "a function";
        }

        @Override
        public void release(boolean present) {
            if (!adopted) {
                calls.add("release " + present);
            }
        }

        @Override
        public boolean isAdopted() {
            return adopted;
        }
    }
}
