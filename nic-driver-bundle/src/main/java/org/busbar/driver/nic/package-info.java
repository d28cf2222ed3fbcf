/**
 * The driver of Intel's gigabit controllers that are programmed like the 8254x: {@link org.busbar.driver.nic.Model} has the table.
 * Where to begin: {@link org.busbar.driver.nic.Startup} brings a controller up, {@link org.busbar.driver.nic.NicPort} is what
 * applications have of it, {@link org.busbar.driver.nic.Queues} and the rings move frames, and each unit of the controller has a
 * class of its registers. Sections are of the 82574 datasheet, after "SDM" of the 8254x software developer's manual.
 */
@NullMarked
package org.busbar.driver.nic;

import org.jspecify.annotations.NullMarked;
