package org.busbar.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.felix.service.command.Descriptor;
import org.busbar.net.NetworkPort;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Load on network ports. */
@Component(service = NetCommands.class, immediate = true, property = {"osgi.command.scope=lab",
    "osgi.command.function=echo",
    "osgi.command.function=silence"})
public final class NetCommands {

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private final List<NetworkPort> ports = new CopyOnWriteArrayList<>();

    private final ConcurrentHashMap<String, Echo> echoes = new ConcurrentHashMap<>();

    @Descriptor("answer ARP and ping for an IPv4 address on the port at an address")
    public void echo(String address, String ip) throws IOException {
        NetworkPort port = ports.stream()
                .filter(candidate -> candidate.name().startsWith(address))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no port at " + address));
        int number = ByteBuffer.wrap(InetAddress.getByName(ip).getAddress()).getInt();
        echoes.put(address, new Echo(port, number));
    }

    @Descriptor("stop answering")
    public String silence(String address) throws InterruptedException {
        return Optional.ofNullable(echoes.remove(address))
                .orElseThrow(() -> new IllegalArgumentException("nobody answers on " + address))
                .finish(10_000);
    }
}
