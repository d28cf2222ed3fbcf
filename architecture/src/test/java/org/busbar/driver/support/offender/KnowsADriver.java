package org.busbar.driver.support.offender;

import org.busbar.driver.neighbour.Neighbour;

/** Would bring a driver along into every other. */
public final class KnowsADriver {
    public Neighbour neighbour;
}
