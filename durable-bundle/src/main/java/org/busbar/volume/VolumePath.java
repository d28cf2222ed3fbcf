package org.busbar.volume;

import java.util.Optional;

/**
 * A block device with the identity of a volume.
 *
 * @param name the block device's name
 * @param device the device it belongs to, address and generation, for example {@code 0000:02:00.0#3}; empty if not known
 * @param active whether requests take it
 * @param refusal why requests never take it, if so
 */
public record VolumePath(String name, String device, boolean active, Optional<String> refusal) {}
