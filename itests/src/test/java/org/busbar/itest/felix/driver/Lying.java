package org.busbar.itest.felix.driver;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.pci.Bar;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.PciDeviceContext;

/** Keeps all that it got beyond its end and goes on using it, on a thread of its own that core does not know. */
public final class Lying extends TestDriver {

    /** Gate: the binding has ended, now try. */
    public static final String ENDED = "ended";

    @Override
    protected DriverBinding take(PciDeviceContext context) throws ProbeException {
        try {
            Bar bar = context.bar(0);
            DmaBuffer buffer = context.dma().allocate(4096);
            Thread.ofPlatform().daemon().name("liar " + context.id()).start(() -> lie(context, bar, buffer));
        } catch (IOException e) {
            throw new ProbeException("nothing to lie about", e);
        }
        return new Binding(context);
    }

    private void lie(PciDeviceContext context, Bar bar, DmaBuffer buffer) {
        try {
            ledger().gate(ENDED).await();
        } catch (InterruptedException e) {
            return;
        }
        attempt("read", () -> bar.read32(0));
        attempt("write", () -> {
            bar.write32(0x14, 0);
            return null;
        });
        attempt("bar", () -> context.bar(0));
        attempt("config", () -> context.config().read32(0));
        attempt("dma", () -> context.dma().allocate(4096));
        attempt("interrupts", () -> {
            context.interrupts().enable(1, vector -> {});
            return null;
        });
        attempt("publish", () -> context.publish(Supplier.class, () -> "late", Map.of("lie", true)));
        attempt("execute", () -> {
            context.executor().execute(() -> record("late task", context));
            return null;
        });
        attempt("memory", () -> buffer.memory().get(ValueLayout.JAVA_INT, 0));
        attempt("own", () -> context.own("late", () -> record("late closed", context)));
        ledger().record("lied");
    }

    private void attempt(String what, Callable<?> action) {
        try {
            action.call();
            ledger().record(what + ": done");
        } catch (Exception e) {
            ledger().record(what + ": " + e.getClass().getSimpleName());
        }
    }
}
