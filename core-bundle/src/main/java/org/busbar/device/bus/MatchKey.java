package org.busbar.device.bus;

/**
 * One way in which a device can be matched. Drivers list the texts of the keys that they match; the core finds pairs by
 * index, so a key is compared for equality and for nothing else.
 *
 * @param text the key, in the bus's notation, for example {@code 8086:10d3} or {@code class:010802}
 * @param score how much a match by this key says; higher is better
 */
public record MatchKey(String text, int score) {}
