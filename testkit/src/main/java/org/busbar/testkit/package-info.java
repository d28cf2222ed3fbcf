/** Binds a driver to an emulated card without a framework, for unit tests of drivers. */
@NullMarked
package org.busbar.testkit;

import org.jspecify.annotations.NullMarked;
