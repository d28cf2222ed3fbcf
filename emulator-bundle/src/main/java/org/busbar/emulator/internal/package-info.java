@NullMarked
package org.busbar.emulator.internal;

import org.jspecify.annotations.NullMarked;
