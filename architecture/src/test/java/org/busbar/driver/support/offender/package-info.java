/** What driver support must not do. */
@NullMarked
package org.busbar.driver.support.offender;

import org.jspecify.annotations.NullMarked;
