/**
 * The laws in a running framework, with real bundles (Pax Exam, native container). Each class has a framework of its own.
 * The probe imports API packages only: never a driver's, or an update of the driver would take the test along.
 */
package org.busbar.itest.felix;
