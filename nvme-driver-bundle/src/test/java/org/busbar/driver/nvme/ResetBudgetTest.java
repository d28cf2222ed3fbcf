package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.driver.nvme.ResetBudget.Progress;
import org.junit.jupiter.api.Test;

class ResetBudgetTest {

    private final AtomicLong clock = new AtomicLong(-5);
    private final ResetBudget budget = new ResetBudget(clock::get);
    private long answered;

    private boolean allows(long more) {
        answered += more;
        return budget.spend(new Progress(answered, 0, false), false).isEmpty();
    }

    @Test
    void L5_aControllerThatAnswersOneCommandAfterEachResetIsNotResetForEver() {
        for (int reset = 0; reset < ResetBudget.MOST; reset++) {
            assertThat(allows(1)).as("reset %d", reset).isTrue();
        }
        assertThat(budget.spend(new Progress(++answered, 0, false), false)).get()
                .asString()
                .contains("every 64 commands");
    }

    @Test
    void L5_aControllerThatDoesItsWorkInBetweenIsResetAsOftenAsItNeeds() {
        for (int reset = 0; reset < 1_000; reset++) {
            assertThat(allows(ResetBudget.PRICE)).as("reset %d", reset).isTrue();
        }
    }

    @Test
    void L5_resetsAfterWhichNothingIsAnsweredEndSoon() {
        for (int reset = 0; reset < ResetBudget.FRUITLESS; reset++) {
            assertThat(allows(0)).as("reset %d", reset).isTrue();
        }
        assertThat(allows(0)).isFalse();
    }

    @Test
    void L5_answersToAdminCommandsCountOnlyWhileNoRequestHangs() {
        long admin = 0;
        for (int reset = 0; reset < ResetBudget.FRUITLESS; reset++) {
            assertThat(budget.spend(new Progress(0, ++admin, false), false)).isEmpty();
        }
        assertThat(budget.spend(new Progress(0, ++admin, false), false)).isPresent();
        assertThat(budget.spend(new Progress(0, ++admin, true), false)).isEmpty();
    }

    @Test
    void L5_timeEarnsResetsForAControllerWithLittleToDo() {
        for (int reset = 0; reset < ResetBudget.MOST; reset++) {
            allows(1);
        }
        assertThat(allows(1)).isFalse();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(150));
        assertThat(allows(1)).isTrue();
        assertThat(allows(1)).isTrue();
        assertThat(allows(1)).isFalse();
    }

    @Test
    void L5_resetsThatSomebodyAsksForAreAlwaysDone() {
        for (int reset = 0; reset < 100; reset++) {
            assertThat(budget.spend(new Progress(0, 0, true), true)).isEmpty();
        }
    }
}
