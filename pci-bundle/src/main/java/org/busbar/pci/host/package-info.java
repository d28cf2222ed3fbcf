/** What a source of PCI functions implements. Of interest to authors of hosts only; drivers and applications never import it. */
@Export
@Version("1.2.0")
@NullMarked
package org.busbar.pci.host;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
