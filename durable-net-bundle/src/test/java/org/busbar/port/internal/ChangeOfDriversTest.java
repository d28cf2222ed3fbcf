package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.busbar.net.LinkState;
import org.busbar.port.Port;
import org.junit.jupiter.api.Test;

/** What happens while something else is asked of a port, between two of its steps. */
final class ChangeOfDriversTest {

    private final Bench bench = new Bench();
    private final FakePort next = new FakePort(Bench.MAC);

    /** Does something in the middle of the next call of a kind. */
    private static class Interrupted extends FakePort {

        private Runnable meanwhile = () -> {};

        Interrupted() {
            super(Bench.MAC);
        }

        void meanwhile(Runnable what) {
            meanwhile = what;
        }

        private void happen() {
            Runnable what = meanwhile;
            meanwhile = () -> {};
            what.run();
        }

        @Override
        public void promiscuous(boolean on) throws IOException {
            happen();
            super.promiscuous(on);
        }

        @Override
        public void vlan(int id, boolean receive) throws IOException {
            happen();
            super.vlan(id, receive);
        }

        @Override
        public LinkState link() {
            LinkState link = super.link();
            happen();
            return link;
        }
    }

    private Interrupted come() {
        Interrupted driver = new Interrupted();
        bench.come(driver);
        return driver;
    }

    /** The card is pulled and another one comes, which is told what is chosen by then. */
    private void change(FakePort driver) {
        bench.pull(driver);
        bench.come(next, "1#2");
    }

    @Test
    void listenerHearsOfACardThatComesWhileItIsAdded() throws Exception {
        Interrupted driver = come();
        Port port = bench.port();
        List<LinkState> heard = new ArrayList<>();
        driver.meanwhile(() -> change(driver));
        try (AutoCloseable _ = port.onLinkChange(heard::add)) {
            next.link(LinkState.DOWN);
            assertThat(heard).containsExactly(LinkState.DOWN);
        }
    }

    @Test
    void listenerHearsThatTheCardWentWhileItWasAdded() throws Exception {
        Interrupted driver = come();
        Port port = bench.port();
        List<LinkState> heard = new ArrayList<>();
        driver.meanwhile(() -> bench.pull(driver));
        try (AutoCloseable _ = port.onLinkChange(heard::add)) {
            assertThat(heard).containsExactly(LinkState.DOWN);
        }
    }
}
