/** Breaks the rules, to show that they notice. Never analysed as part of the project. */
@NullMarked
package org.busbar.driver.neighbour;

import org.jspecify.annotations.NullMarked;
