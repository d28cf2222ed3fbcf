package org.busbar.driver.nic;

import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeException;
import org.busbar.driver.nic.InterruptHandler.Kind;
import org.busbar.driver.support.Gate;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.LinkMonitor;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.PciDeviceContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a controller from any state to the point where it offers its port (82574 datasheet, section 4.6; SDM 14).
 *
 * <pre>
 *   RESET --> ADDRESS --> SETTINGS --> INTERRUPTS --> done
 * </pre>
 *
 * The rings are set up when somebody opens one of the port's queues. The link is not waited for: it may have no cable.
 */
final class Startup {

    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
    private static final long NVM_MILLIS = 100;

    private enum Step {
        RESET,
        ADDRESS,
        SETTINGS,
        INTERRUPTS
    }

    private final PciDeviceContext context;
    private final NicConfig config;
    private final DriverPools pools;
    private final Model model;
    private final Family family;
    private final Registers registers;
    private Step step = Step.RESET;

    Startup(PciDeviceContext context, NicConfig config, DriverPools pools) throws ProbeException {
        this.context = context;
        this.config = config;
        this.pools = pools;
        int device = context.device().ids().device();
        this.model = Model.of(device)
                .orElseThrow(() -> new ProbeException(
                        "device %04x is none of those that this driver knows".formatted(device)));
        this.family = model.family();
        try {
            this.registers = new Registers(context.bar(0), family);
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
        if (registers.control().silent()) {
            context.suspectGone("STATUS reads as all ones or zeros");
            throw new ProbeException("step " + step + ": the registers do not answer; the device looks gone");
        }
        registers.interrupts().maskAll();
        registers.receive().clear();
        registers.stop();
        Reset.run(context, registers, family, Deadline.afterMillis(Reset.MILLIS).orEarlier(context.probeDeadline()));
        registers.control().driverLoaded();

        enter(Step.ADDRESS);
        MacAddress mac = address();

        enter(Step.SETTINGS);
        Choices choices = new Choices(registers, family, mac);
        choices.apply();
        registers.counters().start();
        registers.control().setLinkUp();

        enter(Step.INTERRUPTS);
        Kind kind = config.interrupts() ? InterruptHandler.choose(context.interrupts(), family) : Kind.NONE;
        Gate gate = new Gate(context.id().address());
        LinkMonitor monitor = new LinkMonitor(context, registers.control()::link, gate, kind != Kind.NONE);
        InterruptHandler interrupts =
                InterruptHandler.start(context.interrupts(), registers, family, gate, monitor, kind);
        Health health = new Health(context, registers.control()::absence);
        Queues queues = new Queues(
                context, config, pools, family, registers, choices, gate, health, interrupts);
        NicPort port = new NicPort(context, family, registers, choices, gate, health, monitor, interrupts, queues);
        NicController controller = new NicController(context, registers, family, gate, port);
        new CounterKeeper(context, registers.counters(), gate).start();
        context.publish(NetworkPort.class, port, Map.of(NetworkPort.MAC, mac.toString()));
        LOG.info("{}: {}, {}, link {}, interrupts: {}", context.id(), model.name(), mac, registers.control().link(),
                kind);
        return controller;
    }

    /**
     * The 82574 loads its address at reset (6.1.1). If it has not, and for the 8254x, of which virtual ones keep an address
     * that was changed, the first words of the NVM are read.
     */
    private MacAddress address() throws ProbeException, DeviceTimeoutException, InterruptedException {
        OptionalLong loaded = family.express() ? registers.filter().loadedAddress() : OptionalLong.empty();
        long address = loaded.isPresent() ? loaded.getAsLong() : nvmAddress();
        if (!Choices.isStation(address)) {
            throw new ProbeException("step " + step + ": the NVM has " + new MacAddress(address)
                    + ", which is no station's address");
        }
        return new MacAddress(address);
    }

    /** Words 0 to 2, two octets each, the first one low. */
    private long nvmAddress() throws DeviceTimeoutException, InterruptedException {
        long address = 0;
        for (int word = 0; word < 3; word++) {
            registers.control().readNvm(word);
            context.await(
                    "NVM word " + word + " (EERD.DONE = 1)",
                    registers.control()::nvmRead,
                    Deadline.afterMillis(NVM_MILLIS).orEarlier(context.probeDeadline()));
            int value = registers.control().nvmWord();
            address = address << 16 | (value & 0xff) << 8 | value >>> 8;
        }
        return address;
    }

    private void enter(Step next) {
        step = next;
        LOG.debug("{}: {}", context.id(), next);
    }
}
