package org.busbar.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TerminalKeysTest {

    private final PipedOutputStream keyboard = new PipedOutputStream();
    private final AtomicInteger interrupts = new AtomicInteger();
    private final CountDownLatch enough = new CountDownLatch(1);
    private ExternalTerminal terminal;

    @BeforeEach
    void open() throws Exception {
        terminal = new ExternalTerminal(
                "test", "dumb", new PipedInputStream(keyboard), new ByteArrayOutputStream(), StandardCharsets.UTF_8);
        terminal.handle(Signal.INT, signal -> interrupts.incrementAndGet());
    }

    @AfterEach
    void close() throws Exception {
        keyboard.close();
        terminal.close();
    }

    private CompletableFuture<Void> waiting() {
        return CompletableFuture.runAsync(() -> {
            try {
                TerminalKeys.awaitEnd(terminal, enough);
            } catch (Exception failed) {
                throw new AssertionError(failed);
            }
        });
    }

    private void type(String keys) throws Exception {
        keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    @Test
    void ctrlCEndsTheWaitAndReachesNobodyElse() throws Exception {
        CompletableFuture<Void> wait = waiting();
        while (!wait.isDone()) { // until it has reached the wait's own handler, those before it the console's
            int before = interrupts.get();
            terminal.raise(Signal.INT);
            if (interrupts.get() == before) {
                wait.get(20, TimeUnit.SECONDS);
            }
        }
        int before = interrupts.get();
        terminal.raise(Signal.INT);
        assertThat(interrupts).as("the console has its handler back").hasValue(before + 1);
    }

    @Test
    void keyAfterTheEndIsThePrompts() throws Exception {
        CompletableFuture<Void> wait = waiting();
        type("x\n");
        wait.get(20, TimeUnit.SECONDS);
        type("y");
        assertThat(terminal.reader().read(20_000)).isEqualTo('y');
    }

    @Test
    void enoughIsEnough() throws Exception {
        CompletableFuture<Void> wait = waiting();
        enough.countDown();
        wait.get(20, TimeUnit.SECONDS);
        type("y");
        assertThat(terminal.reader().read(20_000)).isEqualTo('y');
    }
}
