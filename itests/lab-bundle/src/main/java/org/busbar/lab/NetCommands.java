package org.busbar.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.Descriptor;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Load on network ports. */
@Component(service = NetCommands.class, immediate = true, property = {"osgi.command.scope=lab",
    "osgi.command.function=echo",
    "osgi.command.function=silence",
    "osgi.command.function=mtu",
    "osgi.command.function=vlan",
    "osgi.command.function=reset",
    "osgi.command.function=segment"})
public final class NetCommands {

    private static final long RESET_MILLIS = 10_000;

    private final NetworkPorts ports;
    private final ConcurrentHashMap<String, Echo> echoes = new ConcurrentHashMap<>();

    @Activate
    public NetCommands(@Reference NetworkPorts ports) {
        this.ports = ports;
    }

    @Descriptor("answer ARP and ping for an IPv4 address on the port at an address")
    public void echo(String address, String ip) throws IOException {
        NetworkPort port = port(address);
        echoes.put(address, new Echo(port, number(ip)));
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

    @Descriptor("have the port at an address cut one TCP segment of so many bytes into several of so many, with a tag if not negative")
    public String segment(String address, String mac, String fromIp, String toIp, int payload, int perSegment, int tag)
            throws IOException {
        NetworkPort port = port(address);
        try (PortQueue queue = port.openQueue()) {
            Packet frame = new LargeSegment(
                    queue, port.mac(), MacAddress.parse(mac), number(fromIp), number(toIp), payload)
                    .fill();
            LargeSegment.request(
                    frame, perSegment, tag, port.features().contains(PortFeature.TRANSMIT_IP_CHECKSUM));
            if (queue.transmit(new Packet[] {frame}, 0, 1) != 1) {
                frame.release();
                throw new IOException(address + " did not take the frame");
            }
        } // which waits until it has left
        return payload + " bytes handed over as one frame";
    }

    private NetworkPort port(String address) {
        return ports.find(address);
    }

    private static int number(String ip) throws IOException {
        return ByteBuffer.wrap(InetAddress.getByName(ip).getAddress()).getInt();
    }

    @Descriptor("stop answering")
    public String silence(String address) throws InterruptedException {
        return Optional.ofNullable(echoes.remove(address))
                .orElseThrow(() -> new IllegalArgumentException("nobody answers on " + address))
                .finish(10_000);
    }
}
