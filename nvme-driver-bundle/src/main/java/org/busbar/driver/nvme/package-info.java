@NullMarked
package org.busbar.driver.nvme;

import org.jspecify.annotations.NullMarked;
