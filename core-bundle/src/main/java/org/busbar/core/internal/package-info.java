@NullMarked
package org.busbar.core.internal;

import org.jspecify.annotations.NullMarked;
