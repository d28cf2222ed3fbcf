package org.busbar.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.felix.service.command.Descriptor;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.net.NetworkPort;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Load on network ports. */
@Component(service = NetCommands.class, immediate = true, property = {"osgi.command.scope=lab",
    "osgi.command.function=echo",
    "osgi.command.function=silence",
    "osgi.command.function=mtu",
    "osgi.command.function=vlan",
    "osgi.command.function=reset"})
public final class NetCommands {

    private static final long RESET_MILLIS = 10_000;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private final List<NetworkPort> ports = new CopyOnWriteArrayList<>();

    private final ConcurrentHashMap<String, Echo> echoes = new ConcurrentHashMap<>();

    @Descriptor("answer ARP and ping for an IPv4 address on the port at an address")
    public void echo(String address, String ip) throws IOException {
        NetworkPort port = port(address);
        int number = ByteBuffer.wrap(InetAddress.getByName(ip).getAddress()).getInt();
        echoes.put(address, new Echo(port, number));
    }

    @Descriptor("change the MTU of the port at an address")
    public void mtu(String address, int bytes) throws IOException {
        port(address).changeMtu(bytes);
    }

    @Descriptor("receive frames of a VLAN on the port at an address, with their tags taken out")
    public void vlan(String address, int id) throws IOException {
        port(address).vlan(id, true);
        port(address).vlanStripping(true);
    }

    @Descriptor("reset the port at an address")
    public void reset(String address) throws IOException, DeviceTimeoutException, InterruptedException {
        port(address).reset(Deadline.afterMillis(RESET_MILLIS));
    }

    private NetworkPort port(String address) {
        return ports.stream()
                .filter(candidate -> candidate.name().startsWith(address))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no port at " + address));
    }

    @Descriptor("stop answering")
    public String silence(String address) throws InterruptedException {
        return Optional.ofNullable(echoes.remove(address))
                .orElseThrow(() -> new IllegalArgumentException("nobody answers on " + address))
                .finish(10_000);
    }
}
