package org.busbar.bench.scan;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.busbar.device.Deadline;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.InterruptPort;
import org.busbar.pci.internal.linux.FunctionOpener;

/** An open function that is nothing but open: no device is behind a made-up tree. */
record NullFunction() implements FunctionOpener.Handle {

    private static UnsupportedOperationException nothing() {
        return new UnsupportedOperationException("there is no device behind a tree that was made for a measurement");
    }

    @Override
    public ConfigSpace config() {
        throw nothing();
    }

    @Override
    public Bar bar(int index) {
        throw nothing();
    }

    @Override
    public DmaSpace dma() {
        return new NoDma();
    }

    @Override
    public InterruptPort interrupts() {
        return new NoInterrupts();
    }

    @Override
    public void reset(Deadline deadline) {}

    @Override
    public void revoke() {}

    @Override
    public void stopDma() {}

    @Override
    public void closeBars() {}

    @Override
    public void close() {}

    @Override
    public boolean isGone() {
        return false;
    }

    @Override
    public CompletableFuture<Void> released() {
        return CompletableFuture.completedFuture(null);
    }

    private record NoDma() implements DmaSpace {

        @Override
        public List<Range> ranges() {
            return List.of(new Range(0x1000, 0xffff_ffffL));
        }

        @Override
        public long pageSize() {
            return 4096;
        }

        @Override
        public long chunkSize() {
            return 4096;
        }

        @Override
        public MemorySegment map(long address, long size) throws DmaException {
            throw nothing();
        }

        @Override
        public void unmap(long address) {}
    }

    private record NoInterrupts() implements InterruptPort {

        @Override
        public int available() {
            return 0;
        }

        @Override
        public void enable(int count, Sink sink) throws IOException {
            throw nothing();
        }

        @Override
        public void disable() {}
    }
}
