package org.busbar.lab;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.felix.service.command.Descriptor;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPool;
import org.busbar.net.PacketPools;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortQueueOptions.Waiting;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Frames on network ports for a benchmark, one load at a time: see {@link NetLoad}. */
@Component(service = NetLoadCommands.class, immediate = true, property = {"osgi.command.scope=lab",
    "osgi.command.function=nicReceive",
    "osgi.command.function=nicSend",
    "osgi.command.function=nicForward",
    "osgi.command.function=nicCounts",
    "osgi.command.function=nicEnd"})
public final class NetLoadCommands {

    private static final int PACKETS = 4096;
    private static final int PACKET_BYTES = 2048;
    private static final int END_MILLIS = 30_000;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private final List<NetworkPort> ports = new CopyOnWriteArrayList<>();

    private final PacketPools pools;
    private final AtomicReference<Optional<NetLoad>> load = new AtomicReference<>(Optional.empty());

    @Activate
    public NetLoadCommands(@Reference PacketPools pools) {
        this.pools = pools;
    }

    @Descriptor("receive frames on the port at an address, so many at once")
    public void nicReceive(String address, int batch) throws IOException {
        PortQueueOptions polling = PortQueueOptions.DEFAULT.withWaiting(Waiting.POLL);
        begin(new NetLoad.Receive(port(address).openQueue(polling), batch));
    }

    @Descriptor("send frames of so many bytes from the port at an address to a station, so many at once")
    public void nicSend(String address, int batch, int bytes, String to) throws IOException {
        NetworkPort port = port(address);
        FrameHead head = new FrameHead(port.mac(), MacAddress.parse(to));
        PortQueueOptions polling = PortQueueOptions.DEFAULT.withWaiting(Waiting.POLL);
        begin(new NetLoad.Send(port.openQueue(polling), head, bytes, batch));
    }

    @Descriptor("pass frames between two ports, both ways, so many at once")
    public void nicForward(String address, String other, int batch) throws IOException {
        PacketPool pool = pools.create(PACKETS, PACKET_BYTES);
        PortQueueOptions polling = new PortQueueOptions(Waiting.POLL, pool);
        PortQueue one = port(address).openQueue(polling);
        PortQueue two = port(other).openQueue(polling);
        begin(new NetLoad.Forward(one, two, pool, batch));
    }

    private void begin(NetLoad.Step step) {
        load.set(Optional.of(new NetLoad(step)));
    }

    @Descriptor("say how many frames were moved until when")
    public String nicCounts() {
        return current().counts();
    }

    @Descriptor("end it")
    public String nicEnd() throws InterruptedException {
        return current().finish(END_MILLIS);
    }

    private NetLoad current() {
        return load.get().orElseThrow(() -> new IllegalStateException("there is no load"));
    }

    private NetworkPort port(String address) {
        return ports.stream()
                .filter(candidate -> candidate.name().startsWith(address))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no port at " + address));
    }
}
