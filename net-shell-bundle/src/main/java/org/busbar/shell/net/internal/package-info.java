/** What all commands of the scope {@code nic} have in common. */
@NullMarked
package org.busbar.shell.net.internal;

import org.jspecify.annotations.NullMarked;
