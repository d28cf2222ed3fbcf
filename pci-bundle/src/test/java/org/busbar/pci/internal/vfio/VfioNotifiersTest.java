package org.busbar.pci.internal.vfio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.busbar.pci.host.FunctionNotices;
import org.junit.jupiter.api.Test;

class VfioNotifiersTest {

    private final List<String> told = new ArrayList<>();
    private int classAndRevision = 0x01080202;

    private final FunctionNotices notices = new FunctionNotices() {
        @Override
        public void ejectRequested() {
            told.add("eject");
        }

        @Override
        public void ejectCancelled() {
            told.add("cancelled");
        }

        @Override
        public void maybeGone() {
            told.add("gone");
        }

        @Override
        public void error(String what) {
            told.add(what);
        }
    };

    private Presence presence() {
        RegionAccess card = new RegionAccess() {
            @Override
            public long read(long position, int width) {
                return classAndRevision & 0xffffffffL;
            }

            @Override
            public void write(long position, int width, long value) {
                throw new UnsupportedOperationException();
            }
        };
        return new Presence(new VfioConfigSpace(card, 0, 256, new Revocation("0000:01:00.0")));
    }

    @Test
    void requestForACardThatIsThereIsARequest() {
        VfioNotifiers.requested(presence(), notices);
        assertThat(told).containsExactly("eject");
    }

    @Test
    void L8_requestForACardThatIsOutIsNoRequestToGiveItUpInOrder() {
        Presence presence = presence();
        classAndRevision = -1;
        VfioNotifiers.requested(presence, notices);
        assertThat(told).containsExactly("gone");
    }
}
