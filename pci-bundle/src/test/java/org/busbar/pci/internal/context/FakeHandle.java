package org.busbar.pci.internal.context;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.busbar.device.Deadline;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.InterruptPort;
import org.busbar.pci.internal.testing.FakeDmaSpace;

/** An open function that writes down in which order it is taken down. */
final class FakeHandle implements FunctionHandle, InterruptPort {

    final List<String> calls = new CopyOnWriteArrayList<>();
    final FakeDmaSpace memory = new FakeDmaSpace(4096, 0x1000, 0xffff);
    private final DmaSpace loggedMemory = new LoggedMemory();
    Sink sink;
    String failing = "";
    boolean pin;
    boolean renewable = true;
    int barsOpened;

    private void call(String name) {
        calls.add(name);
        if (name.equals(failing)) {
            throw new IllegalStateException(name + " breaks");
        }
    }

    @Override
    public ConfigSpace config() {
        return null;
    }

    @Override
    public Bar bar(int index) throws IOException {
        if (index == 5) {
            throw new IOException("no BAR 5");
        }
        barsOpened++;
        return (Bar) java.lang.reflect.Proxy.newProxyInstance(Bar.class.getClassLoader(), new Class<?>[] {Bar.class},
                (proxy, method, args) -> "BAR " + index);
    }

    @Override
    public DmaSpace dma() {
        return loggedMemory;
    }

    @Override
    public InterruptPort interrupts() {
        return this;
    }

    @Override
    public void reset(Deadline deadline) {
        call("reset");
    }

    @Override
    public void revoke() {
        call("revoke");
    }

    @Override
    public boolean renew() {
        call("renew");
        return renewable;
    }

    @Override
    public void stopDma() {
        call("stopDma");
    }

    @Override
    public void closeBars() {
        call("closeBars");
    }

    @Override
    public void close() {
        call("close");
    }

    @Override
    public int available() {
        return 4;
    }

    @Override
    public void enable(int count, Sink newSink) throws IOException {
        if (failing.equals("enable")) {
            throw new IOException("no more eventfds");
        }
        call("enable");
        sink = newSink;
    }

    @Override
    public boolean hasPin() {
        return pin;
    }

    @Override
    public void enablePin(Sink newSink) {
        call("enablePin");
        sink = newSink;
    }

    @Override
    public void disable() {
        call("disable");
    }

    private final class LoggedMemory implements DmaSpace {
        @Override
        public List<Range> ranges() {
            return memory.ranges();
        }

        @Override
        public long pageSize() {
            return memory.pageSize();
        }

        @Override
        public long chunkSize() {
            return memory.chunkSize();
        }

        @Override
        public java.lang.foreign.MemorySegment map(long address, long size) throws DmaException {
            return memory.map(address, size);
        }

        @Override
        public void unmap(long address) {
            call("unmap");
            memory.unmap(address);
        }
    }
}
