package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.busbar.device.Deadline;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeLogs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from pages of controllers that differ from the common ones. */
class PagesTest {

    private static final int NLBAF = 25;
    private static final int FLBAS = 26;
    private static final int LBAF = 128;

    @ParameterizedTest
    @CsvSource({"63, 0x20, 16, 0x0c", "63, 0x65, 53, 0x0c", "15, 0x60, 0, 0x09", "3, 0x23, 3, 0x0c"})
    void theFormatInUseHasItsUpperBitsElsewhereWhereThereAreManyFormats(
            int last, int flbas, int format, int sizeShift) {
        byte[] page = new byte[4096];
        page[NLBAF] = (byte) last;
        page[FLBAS] = (byte) flbas;
        for (int i = 0; i <= last; i++) {
            page[LBAF + 4 * i + 2] = 9;
        }
        page[LBAF + 4 * format + 2] = (byte) sizeShift;
        NamespaceIdentity identity = NamespacePage.parse(1, Fields.of(page), null);
        assertThat(identity.format()).isEqualTo(format);
        assertThat(identity.formats()).hasSize(last + 1);
        assertThat(identity.formats().get(format).blockShift()).isEqualTo(sizeShift);
    }

    @ParameterizedTest
    @CsvSource({"4096, 4", "0, 4100"})
    void aLogPageIsNotReadFromAnOffsetThatTheControllerIgnores(long offset, int bytes) {
        LogReader logs = new LogReader(new Nobody(), () -> false);
        assertThatThrownBy(() -> logs.read(
                NvmeLogs.SMART, NvmeController.ALL_NAMESPACES, 0, offset, bytes, Deadline.afterMillis(20_000)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("LPA bit 2");
    }

    /** A controller that must not be asked. */
    private static final class Nobody implements AdminPort {
        @Override
        public NvmeCompletion execute(
                String what, NvmeCommand command, @Nullable Transfer transfer, Deadline deadline) {
            throw new AssertionError(what);
        }

        @Override
        public Transfer transfer(String what, int bytes) {
            throw new AssertionError(what);
        }
    }
}
