/** What commands of several bundles need of the console; each bundle has a copy of its own. */
@NullMarked
package org.busbar.shell.internal.console;

import org.jspecify.annotations.NullMarked;
