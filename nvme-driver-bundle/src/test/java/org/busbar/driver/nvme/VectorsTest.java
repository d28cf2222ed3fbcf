package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.device.RemovalReason;
import org.busbar.pci.Interrupts;
import org.busbar.pci.PciDeviceContext;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Machines that have fewer interrupt vectors left than a controller offers. */
class VectorsTest {

    @ParameterizedTest
    @CsvSource({"16, 9", "8, 4", "3, 2", "1, 1", "0, 0"})
    void L5_aControllerIsDrivenWithAsManyVectorsAsCanBeHad(int left, int expected) throws Exception {
        try (TestSlot slot = Ssd.plugged()) {
            slot.probe(context -> Ssd.driver(30_000).probe(withVectors(context, left)));
            assertThat(Ssd.controller(slot).status().interruptVectors()).isEqualTo(expected);
            QueueOptions options = QueueOptions.depth(4).withWaiting(QueueOptions.Waiting.INTERRUPT);
            List<BlockQueue> queues = new ArrayList<>();
            for (int i = 0; i < 7; i++) { // and the driver's own
                BlockQueue queue = Ssd.device(slot).openQueue(options);
                queues.add(queue);
                assertThat(queue.read(0, 1, queue.allocate(512), 0, i)).isTrue();
                queue.submit();
                assertThat(new Tally().drain(queue).count(BlockStatus.OK)).isEqualTo(1);
            }
            queues.forEach(BlockQueue::close);
            slot.remove(RemovalReason.DRIVER_LEFT);
        }
    }

    private static PciDeviceContext withVectors(PciDeviceContext context, int left) {
        Interrupts all = context.interrupts();
        Interrupts few = new Interrupts() {
            @Override
            public int available() {
                return all.available();
            }

            @Override
            public void enable(int vectors, Handler handler) throws IOException {
                if (vectors > left) {
                    throw new IOException("the machine has only " + left + " interrupt vectors left, not " + vectors);
                }
                all.enable(vectors, handler);
            }

            @Override
            public boolean hasPin() {
                return all.hasPin();
            }

            @Override
            public void enablePin(Handler handler) throws IOException {
                all.enablePin(handler);
            }
        };
        return (PciDeviceContext) Proxy.newProxyInstance(
                PciDeviceContext.class.getClassLoader(),
                new Class<?>[] {PciDeviceContext.class},
                (self, method, arguments) -> {
                    try {
                        return method.getName().equals("interrupts") ? few : method.invoke(context, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
