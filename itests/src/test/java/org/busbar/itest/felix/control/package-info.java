/**
 * What tests and the drivers that they make share: a bundle of its own, so that a driver bundle can come and go without
 * the test, and the test learns what every revision of it has done.
 */
package org.busbar.itest.felix.control;
