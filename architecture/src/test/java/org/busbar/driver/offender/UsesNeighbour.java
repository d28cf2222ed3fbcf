package org.busbar.driver.offender;

import org.busbar.driver.neighbour.Neighbour;

/** A driver that knows another. */
public interface UsesNeighbour {

    Neighbour neighbour();
}
