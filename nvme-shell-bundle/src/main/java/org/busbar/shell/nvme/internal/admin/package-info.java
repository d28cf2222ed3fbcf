/** Commands that show block devices and controllers, how they fare, and what can be done to them. Labels are nvme-cli's. */
@NullMarked
package org.busbar.shell.nvme.internal.admin;

import org.jspecify.annotations.NullMarked;
