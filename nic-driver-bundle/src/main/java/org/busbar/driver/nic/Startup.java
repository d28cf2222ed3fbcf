package org.busbar.driver.nic;

import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeException;
import org.busbar.driver.support.Gate;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.PciDeviceContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a controller from any state to the point where it offers its port (82574 datasheet, section 4.6).
 *
 * <pre>
 *   RESET --> ADDRESS --> LINK --> INTERRUPTS --> done
 * </pre>
 *
 * The rings are set up when somebody opens the port's queue. The link is not waited for: it may have no cable.
 */
final class Startup {

    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
    private static final long NVM_MILLIS = 100;
    private static final int VECTORS = 2;
    private static final long GROUP = 1L << 40;

    private enum Step {
        RESET,
        ADDRESS,
        LINK,
        INTERRUPTS
    }

    private final PciDeviceContext context;
    private final NicConfig config;
    private final DriverPools pools;
    private final Registers registers;
    private Step step = Step.RESET;

    Startup(PciDeviceContext context, NicConfig config, DriverPools pools) throws ProbeException {
        this.context = context;
        this.config = config;
        this.pools = pools;
        try {
            this.registers = new Registers(context.bar(0));
        } catch (IOException e) {
            throw new ProbeException("cannot reach the registers: " + e.getMessage(), e);
        }
    }

    NicController run() throws ProbeException, InterruptedException {
        try {
            return runSteps();
        } catch (DeviceTimeoutException | IOException e) {
            throw new ProbeException("step " + step + ": " + e.getMessage(), e);
        }
    }

    private NicController runSteps()
            throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        enter(Step.RESET);
        if (registers.silent()) {
            context.suspectGone("STATUS reads as all ones or zeros");
            throw new ProbeException("step " + step + ": the registers do not answer; the device looks gone");
        }
        registers.maskAll();
        registers.stop();
        Reset.run(context, registers, Deadline.afterMillis(Reset.MILLIS).orEarlier(context.probeDeadline()));
        registers.maskAll();
        registers.driverLoaded();

        enter(Step.ADDRESS);
        MacAddress mac = address();
        registers.filter(mac.value());

        enter(Step.LINK);
        registers.setLinkUp();

        enter(Step.INTERRUPTS);
        boolean interrupts = config.interrupts() && context.interrupts().available() >= VECTORS;
        Gate gate = new Gate(context.id().address());
        NicPort port = new NicPort(context, config, pools, registers, gate, mac, interrupts);
        if (interrupts) {
            context.interrupts().enable(VECTORS, port::interrupt);
            registers.routeInterrupts();
            registers.unmask(Registers.LSC | Registers.OTHER);
        }

        NicController controller = new NicController(context, registers, gate, port);
        context.publish(NetworkPort.class, port, Map.of(NetworkPort.MAC, mac.toString()));
        LOG.info("{}: {}, link {}, {}", context.id(), mac, registers.link(), interrupts ? "MSI-X" : "polled");
        return controller;
    }

    /** The controller loads its address at reset (6.1.1); one that has not is asked for the first words of its NVM. */
    private MacAddress address() throws ProbeException, DeviceTimeoutException, InterruptedException {
        OptionalLong loaded = registers.loadedAddress();
        long address = loaded.isPresent() ? loaded.getAsLong() : nvmAddress();
        if (address == 0 || (address & GROUP) != 0) {
            throw new ProbeException("step " + step + ": the NVM has " + new MacAddress(address)
                    + ", which is no station's address");
        }
        return new MacAddress(address);
    }

    /** Words 0 to 2, two octets each, the first one low. */
    private long nvmAddress() throws DeviceTimeoutException, InterruptedException {
        long address = 0;
        for (int word = 0; word < 3; word++) {
            registers.readNvm(word);
            context.await(
                    "NVM word " + word + " (EERD.DONE = 1)",
                    registers::nvmRead,
                    Deadline.afterMillis(NVM_MILLIS).orEarlier(context.probeDeadline()));
            int value = registers.nvmWord();
            address = address << 16 | (value & 0xff) << 8 | value >>> 8;
        }
        return address;
    }

    private void enter(Step next) {
        step = next;
        LOG.debug("{}: {}", context.id(), next);
    }
}
