package org.busbar.pci.internal.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.OpenException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VfioGroupsTest {

    private static final int SLOW = 1;

    @Test
    void L5_groupWhoseOpeningTakesLongHoldsUpNoOther() throws Exception {
        CountDownLatch opening = new CountDownLatch(1);
        CountDownLatch kernel = new CountDownLatch(1);
        VfioGroups groups = new VfioGroups(number -> {
            if (number == SLOW) {
                opening.countDown();
                waitFor(kernel);
            }
            throw new OpenException(Reason.PERMISSION, "group " + number);
        });
        CompletableFuture<Void> slow = runAside(() -> assertRefused(groups, SLOW));
        assertThat(opening.await(20, TimeUnit.SECONDS)).isTrue();

        runAside(() -> assertRefused(groups, 2)).get(20, TimeUnit.SECONDS);

        assertThat(slow).isNotDone();
        kernel.countDown();
        slow.get(20, TimeUnit.SECONDS);
    }

    /** On a thread of its own: the common pool may have just one. */
    private static CompletableFuture<Void> runAside(Runnable body) {
        return CompletableFuture.runAsync(body, task -> Thread.ofPlatform().start(task));
    }

    private static void assertRefused(VfioGroups groups, int number) {
        assertThatThrownBy(() -> groups.join(number)).hasMessage("group " + number);
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(50, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException nobodyInterrupts) {
            throw new AssertionError(nobodyInterrupts);
        }
    }
}
