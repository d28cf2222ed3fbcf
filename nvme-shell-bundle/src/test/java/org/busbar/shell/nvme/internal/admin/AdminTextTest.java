package org.busbar.shell.nvme.internal.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.busbar.nvme.ErrorLogEntry;
import org.busbar.nvme.FormatRequest;
import org.busbar.nvme.HealthLog;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.nvme.NamespaceIdentity.LbaFormat;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeStatus;
import org.busbar.shell.internal.words.Arguments;
import org.junit.jupiter.api.Test;

class AdminTextTest {

    private static final NamespaceIdentity NAMESPACE = new NamespaceIdentity(
            1, 2048, 2048, 10, 0,
            List.of(new LbaFormat(0, 9, 0, 1), new LbaFormat(1, 12, 8, 0), new LbaFormat(2, 12, 0, 0),
                    new LbaFormat(3, 0, 0, 0)),
            false, 0, false, Set.of(1), false, true, false,
            Optional.of("0011223344556677"), Optional.empty(), Optional.empty());

    @Test
    void aNamespaceIsDescribedAsNvmeCliDoes() {
        assertThat(IdentityText.namespace(NAMESPACE).show(false))
                .contains("nsze            : 2048 (1 MiB)", "eui64           : 0011223344556677", "nguid           : -")
                .contains("\n  lbaf  0 : ms:0   lbads:9  rp:1 (512 B) (in use)")
                .contains("\n  lbaf  1 : ms:8   lbads:12 rp:0 (4 KiB)")
                .endsWith("\n  lbaf  3 : ms:0   lbads:0  rp:0 (not to be used)");
        assertThat(IdentityText.namespace(NAMESPACE).show(true)).contains("\"nsze\": 2048", "\"blockSize\": 4096");
    }

    @Test
    void healthIsInWordsAndUnits() {
        BigInteger many = BigInteger.TWO.pow(127);
        HealthLog log = new HealthLog(
                Set.of(HealthLog.Warning.TEMPERATURE, HealthLog.Warning.SPARE), 312, 90, 10, 3,
                BigInteger.valueOf(1234), many, many, many,
                many, many, many, BigInteger.ONE, BigInteger.ZERO, many, 5, 0, List.of(300, 0, 0, 0, 0, 0, 0, 0));

        assertThat(LogText.health(log).show(false))
                .contains(
                        "critical_warning          : the spare capacity is low, a temperature is beyond its threshold")
                .contains("temperature               : 39 °C (312 K)")
                .contains("data_units_read           : 1234 (631.81 MB)")
                .contains("host_read_commands        : 170141183460469231731687303715884105728")
                .contains("temperature_sensor_1      : 27 °C (300 K)")
                .doesNotContain("temperature_sensor_2");
        assertThat(LogText.health(log).show(true))
                .contains("\"host_read_commands\": 170141183460469231731687303715884105728");
    }

    @Test
    void errorsAreATable() {
        assertThat(LogText.errors(List.of())).isEqualTo("no errors");
        assertThat(LogText.errors(List.of(new ErrorLogEntry(
                7, 1, 0x2a, new NvmeStatus(2, 0x81, false, false), 0xffff, 4711, 1, 0)))).isEqualTo("""
                        COUNT  QUEUE  COMMAND  NSID  LBA   STATUS
                        7      1      0x002a   1     4711  unrecovered read error""");
    }

    private static FormatRequest format(String... words) {
        return ChangeCommands.request(
                new Arguments.Syntax()
                        .option("--lbaf")
                        .option("--block-size")
                        .option("--ses")
                        .option("--pi")
                        .flag("--metadata-inline")
                        .parse(List.of(words)),
                1,
                NAMESPACE);
    }

    @Test
    void aFormatIsChosenByNumberOrBySize() {
        assertThat(format()).isEqualTo(FormatRequest.of(1, 0));
        assertThat(format("--block-size", "4k")).isEqualTo(FormatRequest.of(1, 2));
        assertThat(format("--lbaf", "1", "--pi", "1", "--ses", "2", "--metadata-inline")).isEqualTo(
                new FormatRequest(1, 1, true, 1, false, FormatRequest.Erase.CRYPTOGRAPHIC));
        assertThatThrownBy(() -> format("--block-size", "8k")).hasMessageContaining("no format has blocks of 8 KiB");
        assertThatThrownBy(() -> format("--lbaf", "4")).hasMessage("--lbaf: has to be 0 to 3, not 4");
        assertThatThrownBy(() -> format("--lbaf", "3")).hasMessageContaining("cannot be used");
        assertThatThrownBy(() -> format("--pi", "2")).hasMessageContaining("can have types [1]");
        assertThatThrownBy(() -> format("--lbaf", "0", "--block-size", "512")).hasMessageContaining("not both");
    }

    @Test
    void aRawCommandIsWhatWasTyped() {
        Arguments.Syntax syntax = new Arguments.Syntax().option("--opcode");
        for (int dword : new int[] {2, 3, 10, 11, 12, 13, 14, 15}) {
            syntax.option("--cdw" + dword);
        }

        assertThat(PassthruCommand.command(
                syntax.parse(List.of("--opcode", "0xc2", "--cdw10", "0xffffffff", "--cdw15=7", "--cdw2", "-1")), 5))
                .isEqualTo(new NvmeCommand(0xc2, 5, -1, 0, -1, 0, 0, 0, 0, 7));
        assertThatThrownBy(
                () -> PassthruCommand.command(syntax.parse(List.of("--opcode", "1", "--cdw10", "0x100000000")), 0))
                .hasMessageContaining("--cdw10: has 32 bits");
        assertThatThrownBy(() -> PassthruCommand.command(syntax.parse(List.of()), 0))
                .hasMessageContaining("--opcode is needed");
        assertThatThrownBy(() -> Controllers.nsid("0")).hasMessageContaining("numbers from 1");
        assertThatThrownBy(() -> Controllers.nsid("x")).hasMessageContaining("numbers from 1");
    }
}
