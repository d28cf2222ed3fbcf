package org.busbar.lab.compliance;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.felix.service.command.Descriptor;
import org.busbar.pci.DmaBuffer;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Asks controllers that {@link ComplianceDriver} drives. */
@Component(service = ComplianceCommands.class, immediate = true, property = {
    "osgi.command.scope=lab",
    "osgi.command.function=compliance",
    "osgi.command.function=attachment"
})
public final class ComplianceCommands {

    private static final int NAMESPACE_ATTACHMENT = 0x15;
    private static final Map<String, Case> CASES = new TreeMap<>();

    static {
        CASES.putAll(IdentifyCases.all());
        CASES.putAll(FeatureCases.all());
        CASES.putAll(QueueCases.all());
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private final List<RawController> controllers = new CopyOnWriteArrayList<>();

    @Descriptor("list the cases")
    public String compliance() {
        return String.join("\n", CASES.keySet());
    }

    @Descriptor("reset a controller and ask it whether it does what the specification says in a case")
    public String compliance(String address, String name) throws Exception {
        Case question = CASES.get(name);
        if (question == null) {
            throw new IllegalArgumentException("there is no case " + name + " among " + CASES.keySet());
        }
        RawController controller = controller(address);
        synchronized (controller) {
            controller.restart();
            question.run(controller);
        }
        return name + ": as specified";
    }

    /** Namespace Attachment (section 5.19): any controller of a subsystem may be asked to do it for any other. */
    @Descriptor("have a controller attach a namespace to another one of its subsystem, or detach it: SELECT is 0 or 1")
    public void attachment(String address, int select, int nsid, int controllerId) throws Exception {
        RawController controller = controller(address);
        synchronized (controller) {
            controller.restart();
            DmaBuffer list = controller.allocate(4096);
            list.memory().set(ValueLayout.JAVA_SHORT, 0, (short) 1);
            list.memory().set(ValueLayout.JAVA_SHORT, 2, (short) controllerId);
            Command command = new Command(NAMESPACE_ATTACHMENT).nsid(nsid).prp(list.address(), 0).cdw(10, select);
            Expect.status(controller, "Namespace Attachment", command, Expect.SUCCESS);
        }
    }

    private RawController controller(String address) {
        return controllers.stream()
                .filter(one -> one.address().equals(address))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("nvme-compliance does not drive " + address));
    }
}
