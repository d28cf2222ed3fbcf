package org.busbar.lab.compliance;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Asks controllers that {@link ComplianceDriver} drives. */
@Component(service = ComplianceCommands.class, immediate = true, property = {
    "osgi.command.scope=lab",
    "osgi.command.function=compliance"
})
public final class ComplianceCommands {

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
        RawController controller = controllers.stream()
                .filter(one -> one.address().equals(address))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("nvme-compliance does not drive " + address));
        synchronized (controller) {
            controller.restart();
            question.run(controller);
        }
        return name + ": as specified";
    }
}
