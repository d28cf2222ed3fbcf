/**
 * A bundle that acts for a test which must not depend on the project's API packages, because those are replaced while it
 * runs. It is spoken to by JDK types only.
 */
package org.busbar.itest.felix.agent;
