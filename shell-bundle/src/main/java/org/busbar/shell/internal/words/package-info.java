/** How commands read their words. Not for other bundles: those with commands take a copy in. */
@NullMarked
package org.busbar.shell.internal.words;

import org.jspecify.annotations.NullMarked;
