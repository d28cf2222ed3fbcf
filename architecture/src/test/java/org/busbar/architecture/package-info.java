/** Rules about who may use what, checked on the class files of all bundles. */
@NullMarked
package org.busbar.architecture;

import org.jspecify.annotations.NullMarked;
