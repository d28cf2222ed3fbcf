/**
 * An NVMe controller at register level, after NVM Express Base Specification 1.4 (sections named here are that
 * revision's). {@link org.busbar.emulator.internal.nvme.NvmeModel} is the device; registers are written by drivers'
 * threads, everything else belongs to the device's thread.
 */
@NullMarked
package org.busbar.emulator.internal.nvme;

import org.jspecify.annotations.NullMarked;
