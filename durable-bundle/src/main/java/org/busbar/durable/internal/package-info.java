/**
 * Volumes. One thread, that of {@link org.busbar.durable.internal.Volumes}, hears of block devices and changes states; owners
 * of queues find out at their next call what has changed, and never wait for anybody else's.
 */
@NullMarked
package org.busbar.durable.internal;

import org.jspecify.annotations.NullMarked;
