package org.busbar.shell.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NvmeFault;
import org.busbar.emulator.Rack;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.Rack.Slot;
import org.busbar.emulator.Wire;
import org.busbar.shell.internal.text.Json;
import org.busbar.shell.internal.text.Table;
import org.busbar.shell.internal.text.Times;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The hand that plugs cards into the emulated rack, pulls them out and breaks them. */
@Component(service = RackCommands.class, property = {
    "osgi.command.scope=rack",
    "osgi.command.function=list",
    "osgi.command.function=insert",
    "osgi.command.function=eject",
    "osgi.command.function=pull",
    "osgi.command.function=swap",
    "osgi.command.function=fault",
    "osgi.command.function=heal",
    "osgi.command.function=wire",
    "osgi.command.function=serve",
    "osgi.command.function=unserve",
    "osgi.command.function=slots"
})
public final class RackCommands {

    private static final String SLOT = "number of the slot, from 1";
    private static final String CARD =
            "nic, e1000:model=82545EM, virtio-net:queues=4, nvme or nvme:size=64M,block=512,file=PATH,serial=TEXT"
                    + " or nvme:size=64M+32M,metadata=0+8,protection=0+1,version=2.0,without=sgl+copy";

    private final Rack rack;

    @Activate
    public RackCommands(@Reference Rack rack) {
        this.rack = rack;
    }

    @Descriptor("lists the slots of the emulated rack and what is in them")
    public String list(
            @Descriptor("JSON instead of a table") @Parameter(names = {"-j",
                "--json"}, presentValue = "true", absentValue = "false") boolean json) {
        if (json) {
            return Json.of(rack.slots().stream().map(this::view).toList());
        }
        Table table = new Table("SLOT", "ADDRESS", "CARD", "USE", "FAULTS");
        for (Slot slot : rack.slots()) {
            SlotView view = view(slot);
            table.row(
                    Integer.toString(view.slot()),
                    view.address(),
                    Optional.ofNullable(view.card()).orElse("(empty)"),
                    use(view),
                    view.faults().isEmpty() ? "-" : String.join(", ", view.faults()));
        }
        return table + strays(rack.iommuFaults());
    }

    /** Accesses that the software IOMMU has kept from memory, in words; nothing if there were none. */
    static String strays(List<IommuFault> faults) {
        if (faults.isEmpty()) {
            return "";
        }
        IommuFault last = faults.getLast();
        return "\n!  %d accesses outside of what drivers have mapped, the latest a %s of %d bytes at 0x%x by slot %d"
                .formatted(
                        faults.size(), last.write() ? "write" : "read", last.length(), last.address(), last.slot());
    }

    @Descriptor("puts a card into an empty slot")
    public String insert(@Descriptor(SLOT) int slot, @Descriptor(CARD) String card) {
        Verb.run(() -> rack.insert(slot, Card.parse(card)));
        return "slot " + slot + ": " + words(at(slot).card()) + " inserted, at " + at(slot).address();
    }

    @Descriptor("takes a card out in order: its driver is asked to give it up, and is waited for")
    public String eject(@Descriptor(SLOT) int slot) {
        Verb.run(() -> rack.eject(slot, Verb.deadline()));
        return "slot " + slot + ": given up and taken out";
    }

    @Descriptor("yanks a card, without asking anybody")
    public String pull(@Descriptor(SLOT) int slot) {
        Verb.run(() -> rack.pull(slot));
        return "slot " + slot + ": pulled";
    }

    @Descriptor("yanks a card and has another in its place at once")
    public String swap(@Descriptor(SLOT) int slot, @Descriptor(CARD) String card) {
        Verb.run(() -> rack.swap(slot, Card.parse(card)));
        return "slot " + slot + ": " + words(at(slot).card()) + " in place of the card that was there";
    }

    @Descriptor("makes something go wrong with a card: error [EVERY [STATUS]], lost [EVERY], slow MILLIS, stuck, config, link,"
            + " for SSDs " + NvmeFault.SYNTAX + ", and for NICs " + NicFault.SYNTAX)
    public String fault(
            @Descriptor(SLOT) int slot,
            @Descriptor("its name, and its numbers") String[] fault) {
        Fault parsed = Verb.get(() -> FaultText.parse(List.of(fault)));
        Verb.run(() -> rack.fault(slot, parsed));
        return "slot " + slot + ": " + FaultText.words(parsed);
    }

    @Descriptor("ends all faults of a card")
    public String heal(@Descriptor(SLOT) int slot) {
        Verb.run(() -> rack.heal(slot));
        return "slot " + slot + ": healed";
    }

    @Descriptor("shows or exchanges the wire from the rack's switch to a NIC: " + Wire.SYNTAX)
    public String wire(
            @Descriptor(SLOT) int slot,
            @Descriptor("what it does to the frames that reach the card; nothing to see what it does now") String[] wire) {
        if (wire.length > 0) {
            Verb.run(() -> rack.wire(slot, Wire.parse(String.join(" ", wire))));
        }
        return "slot " + slot + ": " + Verb.get(() -> rack.wire(slot));
    }

    @Descriptor("serves a card to other processes, at the socket DIRECTORY/cntrl by vfio-user; here its driver gives it up")
    public String serve(
            @Descriptor(SLOT) int slot,
            @Descriptor("where the socket is made; nobody else may be able to write there") String directory) {
        Verb.run(() -> rack.serve(slot, Path.of(directory).toAbsolutePath().normalize(), Verb.deadline()));
        return "slot " + slot + ": served at " + rack.served(slot).map(Path::toString).orElse("(not any more)");
    }

    @Descriptor("serves a card no more: hangs up on its client, and the card is there for drivers here again")
    public String unserve(@Descriptor(SLOT) int slot) {
        Verb.run(() -> rack.unserve(slot));
        return "slot " + slot + ": served no more";
    }

    @Descriptor("returns the numbers of all slots, for scripts and completion")
    public List<String> slots() {
        return rack.slots().stream().map(slot -> Integer.toString(slot.number())).toList();
    }

    private static String use(SlotView view) {
        if (view.served() != null) {
            return "served at " + view.served() + (view.inUse() ? ", to a client" : "");
        }
        return view.inUse() ? "open" : "-";
    }

    private SlotView view(Slot slot) {
        return SlotView.of(slot, rack.served(slot.number()));
    }

    private Slot at(int number) {
        return rack.slots()
                .stream()
                .filter(slot -> slot.number() == number)
                .findFirst()
                .orElseThrow(() -> new Failure("there is no slot " + number));
    }

    /** A slot in its JSON form. */
    private record SlotView(int slot, String address, @Nullable String card, boolean inUse,
            @Nullable String served, List<String> faults) {
        static SlotView of(Slot slot, Optional<Path> served) {
            return new SlotView(
                    slot.number(),
                    slot.address(),
                    slot.card() == null ? null : words(slot.card()),
                    slot.inUse(),
                    served.map(Path::toString).orElse(null),
                    slot.faults().stream().map(FaultText::words).collect(Collectors.toList()));
        }
    }

    private static String size(Card.Nvme ssd) {
        if (ssd.namespaces().isEmpty()) {
            return "without namespaces";
        }
        return ssd.namespaces()
                .stream()
                .map(namespace -> Times.bytes(namespace.blocks() * namespace.blockSize()))
                .collect(Collectors.joining(" + "));
    }

    private static String words(@Nullable Card card) {
        return switch (card) {
            case null -> "(empty)";
            case Card.Nvme ssd ->
                "nvme " + size(ssd) + ", serial " + ssd.serial()
                        + ssd.file().map(file -> ", in " + file).orElse("");
            case Card.Nic nic -> "nic " + nic.chip() + " " + nic.mac();
            case Card.VirtioNet virtio -> "virtio-net " + virtio.mac();
            case Card.Edu _ -> "edu";
        };
    }
}
