package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LaneTest {

    @Test
    void L5_whatThrowsKeepsNothingBehindItFromBeingDone() throws Exception {
        List<Throwable> defects = new ArrayList<>();
        Lane lane = new Lane(Runnable::run, defects::add);
        lane.submit(() -> {
            throw new ArithmeticException("a defect");
        });
        lane.submit(() -> {
            throw new NoClassDefFoundError("another one");
        });
        assertThat(lane.call("a test", Duration.ofSeconds(30), () -> "done")).isEqualTo("done");
        assertThat(defects).extracting(Throwable::getMessage).containsExactly("a defect", "another one");
    }
}
