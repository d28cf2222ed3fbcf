package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.Card;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.NvmeOptions.Feature;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.pci.PciIds;

/**
 * Everything behind the queues: namespaces, features, health, logs, and the commands of both sets, put together. On the
 * device's thread.
 */
final class Subsystem {

    private final Features features = new Features();
    private final PowerStates power = new PowerStates();
    private final Counters counters = new Counters();
    private final ErrorLog errors = new ErrorLog();
    private final Events events = new Events();
    private final Health health;
    private final ChangedNamespaces changed;
    private final DataPointer pointer;
    private final FlushCommand flush;
    private final CommandTable admin = new CommandTable();
    private final CommandTable io = new CommandTable();

    Subsystem(
            Card.Nvme card,
            PciIds ids,
            Namespaces namespaces,
            NvmeRegisters registers,
            Queues queues,
            Coalescing interrupts,
            ShadowDoorbells shadows,
            DmaPort dma,
            Faults faults) {
        NvmeOptions options = card.options();
        TemperatureThresholds thresholds = new TemperatureThresholds(this::checkHealth);
        health = new Health(events, features, thresholds);
        changed = new ChangedNamespaces(events, features, options.has(Feature.NOTICES));
        pointer = new DataPointer(dma, options.has(Feature.SGL));
        flush = new FlushCommand(namespaces, features);

        features.add(Features.POWER, power);
        features.add(Features.TEMPERATURE, thresholds);
        features.add(Features.QUEUE_COUNT, new QueueCount(options.queues(), queues::anyIo));
        features.add(Features.COALESCING, new ValueFeature(0, 0xffff, interrupts::setting));
        features.add(Features.VECTOR, new VectorConfiguration(interrupts));
        if (options.has(Feature.CACHE)) {
            features.withCache();
        }

        VendorCommands vendor = new VendorCommands(pointer);
        vendor.register(admin, VendorCommands.ADMIN);
        vendor.register(io, VendorCommands.IO);
        new QueueCommands(registers, queues, options.queues()).register(admin);
        new IdentifyCommand(new ControllerIdentity(card, ids, namespaces), namespaces, pointer, faults,
                options.version2())
                .register(admin);
        new AbortCommand(queues, events, faults).register(admin);
        new LogCommand(
                errors, new SmartLog(health, counters, errors), changed, admin, io, events, pointer, faults)
                .register(admin);
        features.register(admin);
        events.register(admin);
        if (options.has(Feature.MANAGEMENT)) {
            new NamespaceCommands(namespaces, pointer).register(admin);
        }
        if (options.has(Feature.FORMAT)) {
            new FormatCommand(namespaces).register(admin);
        }
        if (options.has(Feature.SHADOW)) {
            shadows.register(admin, registers);
        }

        IoCommands blocks = new IoCommands(namespaces, io);
        BlockBuffer buffer = new BlockBuffer();
        flush.register(blocks);
        new TransferCommands(
                options,
                new PlainTransfer(dma, pointer, buffer),
                new TaggedTransfer(pointer, buffer),
                flush,
                counters,
                faults)
                .register(blocks);
        new ZeroCommands(options, pointer, buffer, flush, faults).register(blocks);
        new CopyCommand(options, pointer, buffer, flush, faults).register(blocks);
    }

    private void checkHealth() {
        health.check();
    }

    /** Carries out a command of the admin queue or another; returns its status. */
    int execute(Command command, boolean toAdmin) {
        int status = Status.INVALID_FIELD;
        if (!command.isFused() && pointer.supports(command, toAdmin)) {
            if (!toAdmin) {
                power.awake();
            }
            status = toAdmin ? admin.execute(command) : io.execute(command);
        }
        return status;
    }

    /** A command has failed. */
    void failed(int queue, Command command, int status) {
        errors.add(queue, command, status);
        counters.failed(status);
    }

    Events events() {
        return events;
    }

    Health health() {
        return health;
    }

    ChangedNamespaces changed() {
        return changed;
    }

    /** Takes over the page size that the driver has chosen. */
    void page(long bytes) {
        pointer.page(bytes);
    }

    void flush() {
        flush.flushAll();
    }

    /** The controller is reset: nothing is left of what its driver has set. */
    void reset() {
        events.clear();
        changed.clear();
        features.reset();
        health.forget();
    }
}
