/** How things are shown: tables, JSON, names, explanations. Pure functions of what they are given. */
@NullMarked
package org.busbar.shell.internal.text;

import org.jspecify.annotations.NullMarked;
