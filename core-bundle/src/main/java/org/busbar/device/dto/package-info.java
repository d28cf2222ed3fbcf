/** Snapshots of a bus: who is there, who drives what, and why not. */
@Export
@Version("1.1.0")
@NullMarked
package org.busbar.device.dto;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
