package org.busbar.lab.compliance;

/** One question to a controller that was restarted for it. */
@FunctionalInterface
interface Case {

    /**
     * Asks.
     *
     * @throws NotCompliantException if the answer is not what the specification says
     * @throws Exception if the controller could not be asked, or does not answer
     */
    void run(RawController controller) throws Exception;
}
