/** A driver that breaks the rules, exporting a package among them, to show that they notice. */
@Export
@NullMarked
package org.busbar.driver.offender;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
