/** The tour: what Busbar does, step by step, each step checked. */
@NullMarked
package org.busbar.shell.internal.demo;

import org.jspecify.annotations.NullMarked;
