@NullMarked
package org.busbar.driver.nic;

import org.jspecify.annotations.NullMarked;
