/**
 * Asks an NVMe controller, over its registers and queues and without the driver that is to be used with it, whether it does
 * what NVMe Base 1.4 says about admin commands and queues, wrong ones above all.
 */
@NullMarked
package org.busbar.lab.compliance;

import org.jspecify.annotations.NullMarked;
