package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.device.Deadline;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.NvmeEvent;
import org.junit.jupiter.api.Test;

/** Event requests that the controller refuses. */
class AsyncEventsTest {

    private static final int INTERNAL_ERROR = 0x06;
    private static final int LIMIT_EXCEEDED = 0x105;

    private final AtomicLong clock = new AtomicLong();
    private final EventLog log = new EventLog("test", List::of);

    private AsyncEvents started(ScriptedAdmin device) throws Exception {
        AsyncEvents events = new AsyncEvents(
                device.admin,
                new LogReader(device.admin, () -> false),
                log,
                new TaskThread("test", 8, device.context::fail),
                () -> {},
                1_000,
                clock::get);
        byte[] page = new byte[4096];
        page[259] = 3; // AERL
        ControllerIdentity identity = ControllerPage.parse(Fields.of(page), 12, 0x10400);
        events.start(identity, Deadline.afterMillis(20_000));
        device.admin.poll();
        return events;
    }

    private static int asked(ScriptedAdmin device) {
        return device.commands.getOrDefault(Opcode.ASYNC_EVENT_REQUEST, 0);
    }

    private static void relax(ScriptedAdmin device, AsyncEvents events) {
        events.relax();
        device.admin.poll();
    }

    @Test
    void L5_requestsThatAreRefusedAreReportedOnceAndPostedAgainAfterLongerAndLongerPauses() throws Exception {
        for (int refusal : new int[] {INTERNAL_ERROR, LIMIT_EXCEEDED}) {
            try (ScriptedAdmin device = new ScriptedAdmin(1, 20_000)) {
                int reported = log.latest().size();
                device.ways.put(Opcode.ASYNC_EVENT_REQUEST, refusal);
                AsyncEvents events = started(device);
                assertThat(asked(device)).isEqualTo(4);
                int expected = 4;
                for (long pause : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
                    clock.addAndGet(TimeUnit.SECONDS.toNanos(pause) - 1);
                    relax(device, events);
                    assertThat(asked(device)).as("before %d s are over", pause).isEqualTo(expected);
                    clock.incrementAndGet();
                    relax(device, events);
                    expected += 4;
                    assertThat(asked(device)).as("after %d s", pause).isEqualTo(expected);
                }
                device.ways.put(Opcode.ASYNC_EVENT_REQUEST, ScriptedAdmin.NOTHING);
                clock.addAndGet(TimeUnit.SECONDS.toNanos(60));
                relax(device, events);
                clock.addAndGet(TimeUnit.SECONDS.toNanos(600));
                relax(device, events);
                assertThat(asked(device)).as("those are taken, and stay posted").isEqualTo(expected + 4);
                assertThat(log.latest().subList(reported, log.latest().size())).singleElement()
                        .satisfies(event -> {
                            assertThat(event.kind()).isEqualTo(NvmeEvent.Kind.OTHER);
                            assertThat(event.text()).contains("Asynchronous Event Request").contains("asked again");
                        });
            }
        }
    }

    @Test
    void requestsThatAResetHasCostArePostedByTheStartThatFollows() throws Exception {
        try (ScriptedAdmin device = new ScriptedAdmin(1, 20_000)) {
            device.ways.put(Opcode.ASYNC_EVENT_REQUEST, ScriptedAdmin.NOTHING);
            AsyncEvents events = started(device);
            device.reset();
            clock.addAndGet(TimeUnit.SECONDS.toNanos(600));
            relax(device, events);
            assertThat(asked(device)).isEqualTo(4);
            assertThat(log.latest()).isEmpty();
        }
    }
}
