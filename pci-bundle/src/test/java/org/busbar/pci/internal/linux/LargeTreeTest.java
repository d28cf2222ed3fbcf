package org.busbar.pci.internal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostSnapshot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tree with every function of a whole domain. */
class LargeTreeTest {

    private static final int ALL = 65_536;

    private Tree tree;

    /** In memory where that can be, since disks take long for so many files. */
    @BeforeEach
    void fill() throws IOException {
        Path memory = Path.of("/dev/shm");
        Path parent = Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
        tree = new Tree(Files.createTempDirectory(parent, "busbar-tree"));
        tree.fill(ALL);
    }

    @AfterEach
    void delete() throws Exception {
        assertThat(new ProcessBuilder("rm", "-r", tree.root.toString()).inheritIO().start().waitFor()).isZero();
    }

    @Test
    void L1_oneOf65536ComesGoesAndIsSwapped() throws IOException {
        DeviceScanner scanner = tree.scanner();
        HostSnapshot all = assertTimeout(Duration.ofSeconds(60), () -> scanner.scan(null));
        assertThat(all.problems()).isEmpty();
        List<HostFunction> functions = all.functions();
        assertThat(functions).hasSize(ALL);
        for (int i = 0; i < ALL; i++) {
            assertThat(functions.get(i).address()).isEqualTo(new PciAddress(0, i >> 8, i >> 3 & 0x1f, i & 7));
        }
        assertThat(scanner.scan(all)).as("nothing has changed").isSameAs(all);

        tree.add("0001:00:00.0", "1B36:0010", "10802");
        HostSnapshot one = scanner.scan(all);
        assertThat(one.functions()).hasSize(ALL + 1);
        assertThat(one.functions().subList(0, ALL)).isEqualTo(functions);

        tree.remove("0000:80:00.0").add("0000:80:00.0", "1B36:0010", "10802").remove("0001:00:00.0");
        scanner.suspect(AddressText.key(PciAddress.parse("0000:80:00.0")));
        HostSnapshot swapped = scanner.look(one, PciAddress.parse("0000:80:00.0"));
        HostSnapshot last = scanner.scan(swapped);
        assertThat(last.functions()).hasSize(ALL);
        int changed = 0;
        for (int i = 0; i < ALL; i++) {
            changed += last.functions().get(i) == functions.get(i) ? 0 : 1;
        }
        assertThat(changed).as("functions that are not those of before").isEqualTo(1);
        assertThat(last.functions().get(0x8000).ids().deviceText()).isEqualTo("1b36:0010");
    }
}
