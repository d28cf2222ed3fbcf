/** The launcher: reads the command line, prepares the home folder, runs the framework and ends with a status. */
@NullMarked
package org.busbar.runtime;

import org.jspecify.annotations.NullMarked;
