package org.busbar.volume;

import java.util.List;
import org.busbar.block.BlockDevice;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A medium, known by its lasting identity, whoever drives it and wherever its card is. An OSGi service under this type only:
 * who looks for {@link BlockDevice} does not find the same medium twice. It has the service properties of a block device.
 *
 * <p>Block devices with the volume's identity are its paths. While there is none, because a driver is replaced or a card
 * re-seated, requests wait; then they go on, or fail with {@link org.busbar.device.DeviceGoneException} or
 * {@link org.busbar.block.BlockStatus#GONE} when the time that is configured is up. Each ends exactly once.
 *
 * <p>Queues stay open, and memory from their {@code allocate} stays where it is. While requests wait a queue has no room, as
 * during the reset of a device. What was in flight is given to the medium again when it is back, before anything new of the
 * same queue, unless repeating it might do harm: copies end with {@link org.busbar.block.BlockStatus#ABORTED}.
 *
 * <p>If the medium was without power, what had been written and not flushed may be lost. The next flush of each queue, and
 * the next {@link #flush}, then fails once with {@link org.busbar.block.BlockStatus#WRITES_LOST}.
 *
 * <p>The promises one by one: docs/hot-swap.md. Thread-safe; its queues are for one thread at a time each.
 */
@ProviderType
public interface Volume extends BlockDevice {

    /** Service property: the {@link VolumeState} by name. */
    String STATE = "volume.state";

    /** Service property: how long requests wait for their medium, in milliseconds ({@code Long}). */
    String HOLD = "volume.hold";

    /** Returns the lasting identity, as {@link BlockDevice#IDENTITY} of its paths. */
    String identity();

    /** Returns whether requests reach the medium now. */
    VolumeState state();

    /** Returns the block devices with this identity that are there now, also those that are not used, with the reason. */
    List<VolumePath> paths();

    /** Returns what has happened so far. */
    VolumeStatistics statistics();
}
