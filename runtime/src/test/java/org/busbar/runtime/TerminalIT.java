package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Busbar on a terminal, which is one of {@code script} (util-linux): the prompt, completion, Ctrl-C. */
class TerminalIT {

    /** Programs in the background ignore Ctrl-C, and so do those that they start. */
    private static final String SETUP =
            "stty rows 40 columns 200; TERM=xterm exec env --default-signal=INT";

    private static final String PROMPT = "busbar> ";
    private static final String TAB = "\t";
    private static final String ENTER = "\r";
    private static final String CONTROL_C = "\u0003";

    @TempDir
    Path folder;

    private BusbarProcess busbar;
    private int seen;

    @BeforeEach
    void startOnATerminal() throws Exception {
        Tool.require("script");
        Path program = Path.of(System.getProperty("busbar.assembly"), "bin", "busbar");
        busbar = BusbarProcess.start(folder, Path.of("script"), "--quiet", "--return", "--command",
                SETUP + " '" + program + "' --home '" + folder.resolve("home") + "'", "/dev/null");
        busbar.untilItShows(PROMPT, 0);
    }

    @AfterEach
    void end() {
        busbar.destroy();
    }

    private void type(String keys, String answer) throws IOException, InterruptedException {
        seen = busbar.shown().length();
        busbar.type(keys).untilItShows(answer, seen);
    }

    private BusbarProcess.Result exit() throws Exception {
        return busbar.type("exit" + ENTER).result();
    }

    @Test
    void promptRunsCommandsAndExitEndsIt() throws Exception {
        assertThat(busbar.shown()).contains("e000:01:00.0", "help lists the commands");
        type("pci:await e000:01:00.0 bound 30" + ENTER, PROMPT);
        type("help pci:bind" + ENTER, "pci:bind");
        type("pci:show 0000:ff:1f.7" + ENTER, "there is no function at 0000:ff:1f.7");
        type("echo still here" + ENTER, "\nstill here");
        assertThat(exit().status()).isZero();
    }

    @Test
    void tabCompletesCommandsAndAddresses() throws Exception {
        type("pci:await e000:01:00.0 bound 30; echo waited" + ENTER, "\nwaited");
        type("pci:unb" + TAB, "pci:unbind");
        type(CONTROL_C, PROMPT);
        // Without completion there would be no such address.
        type("pci:why e000:01" + TAB + ENTER, "e000:01:00.0 is driven by nvme");
        // The last line of the profile: one that fails ends it, and what follows has no completion.
        type("echo completion is $no_completion." + ENTER, "\ncompletion is ");
        assertThat(busbar.shown()).doesNotContain("completion is true");
        assertThat(exit().status()).isZero();
    }

    @Test
    void controlCEndsWhatRunsAndNotBusbar() throws Exception {
        type("pci:settle 30; echo begin; pci:events -f; echo end" + ENTER, "\nbegin");
        seen = busbar.shown().length();
        Files.writeString(folder.resolve("home/conf/org.busbar.core.cfg"), "deny = e000:*\n");
        busbar.untilItShows("e000:04:00.0", seen);
        type(CONTROL_C, PROMPT);
        type("pci:rescan; echo rescanned" + ENTER, "\nrescanned");
        assertThat(exit().status()).isZero();
    }
}
