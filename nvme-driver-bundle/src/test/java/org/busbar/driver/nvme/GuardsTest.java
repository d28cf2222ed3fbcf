package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeStatus;
import org.busbar.pci.PciIds;
import org.busbar.testkit.RegisterBar;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Namespaces of NVMe 2.0 whose protection information is longer than this driver knows it. */
class GuardsTest {

    private static final int VERSION_1_4 = 0x1_0400;
    private static final int VERSION_2_0 = 0x2_0000;

    @Test
    void aNamespaceWithGuardsOf32Or64BitsIsNotOfferedAndTheReasonSaysSo() throws Exception {
        for (int format = 1; format <= 3; format++) {
            assertThat(unsupported(new Pages(1, format), VERSION_2_0)).get()
                    .asString()
                    .contains("format " + format + " (PIF")
                    .contains("guards of 16 bits");
        }
    }

    @Test
    void guardsOf16BitsAreKnownAndWithoutProtectionInformationThereAreNone() throws Exception {
        assertThat(unsupported(new Pages(1, 0), VERSION_2_0)).isEmpty();
        Pages unprotected = new Pages(0, 2);
        assertThat(unsupported(unprotected, VERSION_2_0)).isEmpty();
        assertThat(unprotected.asked).doesNotContain(Opcode.CNS_NVM_NAMESPACE);
    }

    @Test
    void controllersThatDoNotSayHaveGuardsOf16Bits() throws Exception {
        Pages old = new Pages(1, 2);
        assertThat(unsupported(old, VERSION_1_4)).isEmpty();
        assertThat(old.asked).doesNotContain(Opcode.CNS_NVM_NAMESPACE);
        Pages silent = new Pages(1, 2);
        silent.refuses = Opcode.CNS_NVM_NAMESPACE;
        assertThat(unsupported(silent, VERSION_2_0)).isEmpty();
    }

    private static Optional<String> unsupported(Pages pages, int version) throws Exception {
        Registers registers = new Registers(new RegisterBar(0x2000) {
            @Override
            public int read32(long offset) {
                return offset == 8 ? version : 1;
            }

            @Override
            public void write32(long offset, int value) {
                throw new AssertionError("nothing is written");
            }
        });
        Quirks none = Quirks.of(new PciIds(0x1b36, 0x0010, 0, 0, 0x010802));
        return new Identify(pages, registers, none).info(1, Deadline.afterMillis(20_000)).unsupported(1 << 20);
    }

    /** A controller that answers Identify. */
    private static final class Pages implements AdminPort {

        private final int protection;
        private final int guards;
        private final List<Integer> asked = new ArrayList<>();
        private int refuses = -1;

        Pages(int protection, int guards) {
            this.protection = protection;
            this.guards = guards;
        }

        @Override
        public byte[] read(String what, NvmeCommand command, int bytes, Deadline deadline) throws NvmeException {
            asked.add(command.dword10());
            if (command.dword10() == refuses) {
                throw new NvmeException(what, NvmeStatus.ofField(2));
            }
            ByteBuffer page = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
            switch (command.dword10()) {
                case Opcode.CNS_NAMESPACE -> page.putLong(0, 1_000)
                        .put(26, (byte) 1) // FLBAS: format 1, metadata apart
                        .put(29, (byte) protection)
                        .putInt(132, 12 << 16 | 16);
                case Opcode.CNS_NVM_NAMESPACE -> page.putInt(16, guards << 7 | 16);
                default -> {
                    // no descriptors
                }
            }
            return page.array();
        }

        @Override
        public NvmeCompletion execute(
                String what, NvmeCommand command, @Nullable Transfer transfer, Deadline deadline) {
            throw new AssertionError("nothing but reading");
        }

        @Override
        public Transfer transfer(String what, int bytes) {
            throw new AssertionError("nothing but reading");
        }
    }
}
