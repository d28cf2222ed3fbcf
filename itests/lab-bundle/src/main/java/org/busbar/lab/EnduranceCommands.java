package org.busbar.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.Descriptor;
import org.busbar.net.PacketPools;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Traffic on whichever port is at an address, with every packet counted. */
@Component(service = EnduranceCommands.class, immediate = true, property = {"osgi.command.scope=lab",
    "osgi.command.function=endure",
    "osgi.command.function=endured",
    "osgi.command.function=relent"})
public final class EnduranceCommands {

    private static final int PACKET_BYTES = 2_048;
    private static final long DEADLINE_MILLIS = 60_000;

    private final NetworkPorts ports;
    private final PacketPools pools;
    private final ConcurrentHashMap<String, Endurance> running = new ConcurrentHashMap<>();

    @Activate
    public EnduranceCommands(@Reference NetworkPorts ports, @Reference PacketPools pools) {
        this.ports = ports;
        this.pools = pools;
    }

    @Descriptor("answer for an IPv4 address, and send besides, on all queues of whichever port is at an address; packets of one pool")
    public void endure(String address, String ip, int packets) throws IOException {
        int number = ByteBuffer.wrap(InetAddress.getByName(ip).getAddress()).getInt();
        running.put(address, new Endurance(address, number, ports, pools.create(packets, PACKET_BYTES)));
    }

    @Descriptor("wait until so many more requests have been answered")
    public String endured(String address, long requests) throws InterruptedException {
        return Optional.ofNullable(running.get(address))
                .orElseThrow(() -> new IllegalArgumentException("nobody answers on " + address))
                .awaitAnswered(requests, DEADLINE_MILLIS);
    }

    @Descriptor("stop answering; every packet has to be in the pool again")
    public String relent(String address) throws InterruptedException {
        return Optional.ofNullable(running.remove(address))
                .orElseThrow(() -> new IllegalArgumentException("nobody answers on " + address))
                .finish(DEADLINE_MILLIS);
    }
}
