/** How commands find services. Not for other bundles: those with commands take a copy in. */
@NullMarked
package org.busbar.shell.internal.services;

import org.jspecify.annotations.NullMarked;
