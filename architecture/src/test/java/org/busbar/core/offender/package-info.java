/** Breaks the rules, to show that they notice. Never analysed as part of the project. */
@NullMarked
package org.busbar.core.offender;

import org.jspecify.annotations.NullMarked;
