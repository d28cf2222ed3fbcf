/**
 * Drivers that tests put into bundles of their own, good ones and evil ones. Each bundle holds a driver, the activator and
 * the base class, and imports API packages only.
 */
package org.busbar.itest.felix.driver;
