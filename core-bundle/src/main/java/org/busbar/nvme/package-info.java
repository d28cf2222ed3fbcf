/**
 * What the NVMe driver offers beyond blocks: the controller itself, for those who look after it. One
 * {@link NvmeController} service per controller; the blocks of its namespaces are
 * {@link org.busbar.block.BlockDevice} services of their own. Section numbers are those of NVMe Base 1.4 unless another
 * document is named.
 */
@Export
@Version("1.0.0")
@NullMarked
package org.busbar.nvme;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
