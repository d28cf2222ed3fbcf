/**
 * The virtio-net driver. Sections are those of the Virtio specification, version 1.2.
 *
 * <pre>
 *   VirtioNetDriver -> Startup -> VirtioController      a probe, and the binding that comes of it
 *   Structures, CommonConfig, NetConfig, Doorbell       the registers (4.1, 5.1.4)
 *   Feature, Features                                   what is negotiated (2.2, 5.1.3, 6)
 *   Ring: SplitRing, PackedRing                         the two formats of a virtqueue (2.7, 2.8)
 *   Receiver, Transmitter, ControlQueue                 the three uses of a virtqueue (5.1.6)
 *   VirtioPort, VirtioQueue                             what applications see
 * </pre>
 */
@NullMarked
package org.busbar.driver.virtionet;

import org.jspecify.annotations.NullMarked;
