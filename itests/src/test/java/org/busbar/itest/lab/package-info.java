/** The VM lab: Busbar on a real kernel, with cards that come and go. */
@NullMarked
package org.busbar.itest.lab;

import org.jspecify.annotations.NullMarked;
