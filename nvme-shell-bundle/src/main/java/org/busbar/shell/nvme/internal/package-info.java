/** What all commands of the scope {@code nvme} have in common. */
@NullMarked
package org.busbar.shell.nvme.internal;

import org.jspecify.annotations.NullMarked;
