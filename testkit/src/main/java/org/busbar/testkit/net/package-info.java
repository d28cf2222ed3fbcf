/** What tests of network drivers have in common: frames, stations, and traffic while things happen to the cards. */
@NullMarked
package org.busbar.testkit.net;

import org.jspecify.annotations.NullMarked;
