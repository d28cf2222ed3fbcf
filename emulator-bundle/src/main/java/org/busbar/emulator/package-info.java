/** A rack of software PCI devices: its slots, what can be put into them, and what can be made to go wrong. */
@Export
@Version("1.5.0")
@NullMarked
package org.busbar.emulator;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
