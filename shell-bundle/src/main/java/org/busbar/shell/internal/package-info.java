@NullMarked
package org.busbar.shell.internal;

import org.jspecify.annotations.NullMarked;
