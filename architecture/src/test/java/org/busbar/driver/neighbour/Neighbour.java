package org.busbar.driver.neighbour;

/** A class of another driver. */
public interface Neighbour {}
