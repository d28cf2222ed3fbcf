package org.busbar.itest.felix.driver;

import java.io.IOException;
import org.busbar.device.Deadline;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.pci.PciDeviceContext;

/** Drivers whose probe throws something, and one that returns nothing. */
public final class Throwing {

    private Throwing() {}

    /** As the contract allows. */
    public static class Failure extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) throws ProbeException {
            throw new ProbeException("the card has the wrong colour");
        }
    }

    /** A checked exception that the method does not declare. */
    public static class Undeclared extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            throw Undeclared.<RuntimeException>sneak(new IOException("nobody declared me"));
        }

        @SuppressWarnings("unchecked")
        private static <T extends Exception> T sneak(Exception e) throws T {
            throw (T) e;
        }
    }

    /** A programming error. */
    public static class Mistake extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            throw new ArrayIndexOutOfBoundsException(7);
        }
    }

    /** An exception whose message cannot be had. */
    public static class Mumble extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            throw new Unspeakable();
        }

        private static final class Unspeakable extends RuntimeException {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                throw new IllegalStateException("no message either");
            }
        }
    }

    /** An error of the virtual machine's kind. */
    public static class Overflow extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            return deeper(context, 0);
        }

        @SuppressWarnings("InfiniteRecursion")
        private DriverBinding deeper(PciDeviceContext context, int depth) {
            return deeper(context, depth + 1);
        }
    }

    /** Uses a package that its bundle forgot to import. */
    public static class MissingImport extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            throw new IllegalStateException(
                    "found " + org.osgi.service.cm.ConfigurationAdmin.class + ", which is not imported");
        }
    }

    /** Forgets what a probe is for. */
    public static class Nothing extends TestDriver {
        @Override
        @SuppressWarnings("NullAway")
        protected DriverBinding take(PciDeviceContext context) {
            return null;
        }
    }

    /** Throws in all that a binding has. */
    public static class SoreLoser extends TestDriver {
        @Override
        protected DriverBinding take(PciDeviceContext context) {
            return new Sore(context);
        }

        private final class Sore extends Binding {
            Sore(PciDeviceContext context) {
                super(context);
            }

            @Override
            public void quiesce(Deadline deadline) {
                throw new AssertionError("no rest");
            }

            @Override
            public void close(RemovalReason reason) {
                throw new AssertionError("no end");
            }
        }
    }
}
