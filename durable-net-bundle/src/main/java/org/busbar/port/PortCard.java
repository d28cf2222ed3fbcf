package org.busbar.port;

import java.util.Optional;

/**
 * A card with the identity of a port, and a driver.
 *
 * @param name the name of the driver's {@link org.busbar.net.NetworkPort}
 * @param device the device it belongs to, address and generation, for example {@code 0000:03:00.0#2}; empty if not known
 * @param active whether the port's frames pass through it
 * @param refusal why they never do, if so
 */
public record PortCard(String name, String device, boolean active, Optional<String> refusal) {}
