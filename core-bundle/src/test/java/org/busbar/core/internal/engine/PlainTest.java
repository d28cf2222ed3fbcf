package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.device.ProbeDeclinedException;
import org.busbar.device.ProbeDeferredException;
import org.busbar.device.ProbeException;
import org.junit.jupiter.api.Test;

class PlainTest {

    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no words");
        }

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("no cause either");
        }
    }

    @Test
    void L5_anExceptionThatCannotDescribeItselfIsDescribedByItsClass() {
        assertThat(Plain.of(new Unspeakable())).hasMessage("Unspeakable").hasNoCause();
    }

    @Test
    void L5_nothingOfTheDriversOwnClassesIsKept() {
        ProbeException plain = Plain.of(new IllegalStateException("outer", new Unspeakable()));

        assertThat(plain).isExactlyInstanceOf(ProbeException.class).hasMessage("IllegalStateException: outer");
        assertThat(plain.getCause()).isExactlyInstanceOf(ProbeException.class).hasMessage("Unspeakable");
        assertThat(plain.getStackTrace()[0].getMethodName()).isEqualTo("L5_nothingOfTheDriversOwnClassesIsKept");
    }

    @Test
    void theKindThatSaysWhatFollowsIsKept() {
        assertThat(Plain.of(new ProbeDeclinedException("not mine"))).isExactlyInstanceOf(ProbeDeclinedException.class);
        assertThat(Plain.of(new ProbeDeferredException("a clock", "(objectClass=Clock)")))
                .isInstanceOfSatisfying(
                        ProbeDeferredException.class,
                        deferred -> assertThat(deferred.serviceFilter()).contains("(objectClass=Clock)"))
                .hasMessage("a clock");
    }

    @Test
    void aLoopOfCausesEnds() {
        Exception a = new Exception("a");
        Exception b = new Exception("b", a);
        a.initCause(b);

        assertThat(Plain.of(a)).hasMessage("Exception: a");
    }
}
