/** Offers functions to other processes, over sockets. Of interest to authors of hosts and to operators' tools. */
@Export
@Version("1.0.0")
@NullMarked
package org.busbar.pci.serve;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
