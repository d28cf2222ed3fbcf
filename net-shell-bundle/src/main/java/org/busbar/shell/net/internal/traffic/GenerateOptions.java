package org.busbar.shell.net.internal.traffic;

import java.util.List;
import org.busbar.net.MacAddress;

/**
 * What to generate.
 *
 * @param to Ethernet address that frames are sent to
 * @param ip IPv4 address that they are sent to, as a number
 * @param sizes lengths of frames without check sequence, which take turns
 * @param perSecond how many frames, 0 for as many as the port takes
 * @param count how many frames in all, 0 for until the end
 * @param flows how many UDP ports they come from, in turn, so that a receiver spreads them
 * @param batch how many are handed to the port at once
 */
record GenerateOptions(
        MacAddress to, int ip, List<Integer> sizes, double perSecond, long count, int flows, int batch) {}
