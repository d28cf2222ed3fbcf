/** Commands with which the VM lab puts load on devices and checks what became of it. */
@NullMarked
package org.busbar.lab;

import org.jspecify.annotations.NullMarked;
