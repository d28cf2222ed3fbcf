package org.busbar.shell.internal.demo;

/** A step of the tour. */
interface Step {

    /** Returns what happens, as a headline. */
    String title();

    /**
     * Makes it happen, and checks what comes of it.
     *
     * @throws CheckFailedException if something else came of it
     * @throws Exception if it cannot be made to happen, which counts as failed as well
     */
    void run(Stage stage) throws Exception;
}
