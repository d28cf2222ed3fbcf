package org.busbar.shell.net.internal.port;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.busbar.net.FlowControl;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.ReceiveSpread;
import org.busbar.shell.internal.text.Table;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.internal.words.Quantities;
import org.busbar.shell.net.internal.Ask;
import org.busbar.shell.net.internal.Ports;

/** What can be set: key, what it takes, and what is done with that. A value is understood as a whole before anything is done. */
enum Setting {
    PROMISCUOUS("on or off: frames for all stations", PortFeature.PROMISCUOUS) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            boolean on = isOn(value);
            return () -> found.promiscuity().set(on);
        }
    },
    ALLMULTICAST("on or off: frames for all groups", PortFeature.ALL_MULTICAST) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            boolean on = isOn(value);
            return () -> port.allMulticast(on);
        }
    },
    MULTICAST("group addresses with commas, or none: frames for these groups", PortFeature.MULTICAST_FILTER) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            List<MacAddress> groups =
                    items(value).stream().map(MacAddress::parse).toList();
            groups.stream().filter(group -> (group.octet(0) & 1) == 0).findFirst().ifPresent(station -> {
                throw new IllegalArgumentException(station + " is no group address: its first octet is even");
            });
            return () -> port.multicast(groups);
        }
    },
    MTU("bytes of payload of the longest frame", PortFeature.MTU_SET) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            long bytes = Quantities.number(value);
            if (bytes < LEAST_MTU || bytes > port.maxMtu()) {
                throw new IllegalArgumentException(
                        "has to be " + LEAST_MTU + " to " + port.maxMtu() + ", not " + value);
            }
            return () -> port.changeMtu((int) bytes);
        }
    },
    MAC("another Ethernet address, until the driver leaves", PortFeature.MAC_SET) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            MacAddress mac = MacAddress.parse(value);
            if ((mac.octet(0) & 1) != 0) {
                throw new IllegalArgumentException(mac + " is a group address: a port has a station's");
            }
            return () -> port.changeMac(mac);
        }
    },
    VLAN_FILTER("IDs with commas to receive; with - before it, no longer", PortFeature.VLAN_FILTER) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            List<Integer> ids = items(value).stream().map(Setting::vlan).toList();
            return () -> {
                for (int id : ids) {
                    port.vlan(id < 0 ? ~id : id, id >= 0);
                }
            };
        }
    },
    VLAN_STRIP("on or off: tags are taken out", PortFeature.VLAN_STRIP) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            boolean on = isOn(value);
            return () -> port.vlanStripping(on);
        }
    },
    FLOW_CONTROL("none, heed, send or both: pause frames", PortFeature.FLOW_CONTROL) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            FlowControl flowControl = constant(FlowControl.class, value);
            return () -> port.changeFlowControl(flowControl);
        }
    },
    THROTTLE("least time between interrupts, 50us for example, or off", PortFeature.INTERRUPT_THROTTLING) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            Duration interval = value.equals("off") ? Duration.ZERO : Quantities.duration(value);
            return () -> port.throttleInterrupts(interval);
        }
    },
    RSS("queues with commas that the table names in turn; all for all", PortFeature.RECEIVE_SPREAD) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            List<Integer> queues = value.equals("all")
                    ? IntStream.range(0, port.queues()).boxed().toList()
                    : items(value).stream().map(text -> queue(port, text)).toList();
            if (queues.isEmpty()) {
                throw new IllegalArgumentException("needs at least one queue");
            }
            return () -> {
                ReceiveSpread now = spread(port);
                List<Integer> table = new ArrayList<>();
                for (int i = 0; i < now.table().size(); i++) {
                    table.add(queues.get(i % queues.size()));
                }
                port.changeReceiveSpread(new ReceiveSpread(now.key(), table, now.fields()));
            };
        }
    },
    RSS_FIELDS("what is hashed: ipv4, tcp-ipv4, udp-ipv4, ipv6, tcp-ipv6, udp-ipv6, with commas",
            PortFeature.RECEIVE_SPREAD) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            Set<ReceiveSpread.Field> fields = EnumSet.noneOf(ReceiveSpread.Field.class);
            items(value).forEach(item -> fields.add(constant(ReceiveSpread.Field.class, item)));
            return () -> {
                ReceiveSpread now = spread(port);
                port.changeReceiveSpread(new ReceiveSpread(now.key(), now.table(), fields));
            };
        }
    },
    RSS_KEY("the hash's key in hex", PortFeature.RECEIVE_SPREAD) {
        @Override
        Ask.Action action(Ports.Found found, String value) {
            NetworkPort port = found.port();
            List<Integer> key = new ArrayList<>();
            for (byte octet : HexFormat.of().parseHex(value)) {
                key.add(octet & 0xff);
            }
            return () -> {
                ReceiveSpread now = spread(port);
                port.changeReceiveSpread(new ReceiveSpread(key, now.table(), now.fields()));
            };
        }
    };

    private static final int LEAST_MTU = 68;
    private static final int MOST_VLAN = 4095;

    private final String takes;
    private final PortFeature feature;

    Setting(String takes, PortFeature feature) {
        this.takes = takes;
        this.feature = feature;
    }

    /**
     * Returns what sets a value.
     *
     * @throws IllegalArgumentException if the value is none; the message says what one looks like
     */
    abstract Ask.Action action(Ports.Found found, String value);

    PortFeature feature() {
        return feature;
    }

    String key() {
        return Ask.word(this);
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }

    static Setting of(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        "there is nothing called '" + key + "' to set; there are " + String.join(", ", keys())));
    }

    /** Returns what can be set, and whether this port can. */
    static String table(NetworkPort port) {
        Table table = new Table("KEY", "HERE", "VALUE");
        for (Setting setting : values()) {
            table.row(
                    setting.key(), port.features().contains(setting.feature) ? "yes" : "no", setting.takes);
        }
        return table.toString();
    }

    private static boolean isOn(String value) {
        return switch (value) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException("is on or off, not '" + value + "'");
        };
    }

    private static List<String> items(String value) {
        return value.isEmpty() || value.equals("none") ? List.of() : List.of(value.split(",", -1));
    }

    /** Returns an ID, or the complement of one that begins with a minus. */
    private static int vlan(String text) {
        boolean no = text.startsWith("-");
        long id = Quantities.number(no ? text.substring(1) : text);
        if (id < 0 || id > MOST_VLAN) {
            throw new IllegalArgumentException("IDs of VLANs are 0 to " + MOST_VLAN + ", not " + text);
        }
        return (int) (no ? ~id : id);
    }

    private static int queue(NetworkPort port, String text) {
        long queue = Quantities.number(text);
        if (queue < 0 || queue >= port.queues()) {
            throw new IllegalArgumentException("queues are 0 to " + (port.queues() - 1) + ", not " + text);
        }
        return (int) queue;
    }

    private static ReceiveSpread spread(NetworkPort port) {
        return port.receiveSpread()
                .orElseThrow(() -> new UnsupportedOperationException(port.name() + " does not tell how it spreads"));
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String value) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> Ask.word(constant).equals(value.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("is one of "
                        + String.join(", ", Arrays.stream(type.getEnumConstants()).map(Ask::word).toList())
                        + ", not '" + value + "'"));
    }
}
