package org.busbar.lab.compliance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import org.busbar.pci.DmaBuffer;

/** Features (section 5.21), log pages (5.14), asynchronous events (5.2), abort (5.1), format (5.23). */
final class FeatureCases {

    private static final int GET_LOG_PAGE = 0x02;
    private static final int ABORT = 0x08;
    private static final int SET_FEATURES = 0x09;
    private static final int GET_FEATURES = 0x0a;
    private static final int EVENT_REQUEST = 0x0c;
    private static final int FORMAT = 0x80;

    private static final int TEMPERATURE = 0x04;
    private static final int QUEUES = 0x07;
    private static final int SMART_LOG = 0x02;
    private static final int ALL_NAMESPACES = 0xffff_ffff;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private FeatureCases() {}

    static Map<String, Case> all() {
        return Map.of(
                "features-mandatory", FeatureCases::mandatory,
                "features-invalid", FeatureCases::invalid,
                "number-of-queues", FeatureCases::numberOfQueues,
                "temperature-event", FeatureCases::temperature,
                "event-limit", FeatureCases::eventLimit,
                "logs-mandatory", FeatureCases::logs,
                "log-offset", FeatureCases::logOffset,
                "abort-unknown", FeatureCases::abort,
                "format-invalid", FeatureCases::format);
    }

    static Command getFeature(int feature) {
        return new Command(GET_FEATURES).cdw(10, feature);
    }

    static Command setFeature(int feature, int value) {
        return new Command(SET_FEATURES).cdw(10, feature).cdw(11, value);
    }

    /** Figure 272: those that every I/O controller has. */
    private static void mandatory(RawController c) throws Exception {
        for (int feature : new int[] {0x01, 0x02, 0x04, QUEUES, 0x08, 0x09, 0x0a, 0x0b}) {
            Expect.status(c, "Get Features 0x%02x".formatted(feature), getFeature(feature), Expect.SUCCESS);
        }
        Expect.status(c, "Get Features (Error Recovery)", getFeature(0x05).nsid(1), Expect.SUCCESS);
    }

    private static void invalid(RawController c) throws Exception {
        Expect.status(c, "Get Features 0x00", getFeature(0x00), Expect.INVALID_FIELD);
        Expect.status(c, "Get Features 0x7f", getFeature(0x7f), Expect.INVALID_FIELD);
        Expect.status(c, "Set Features 0x00", setFeature(0x00, 0), Expect.INVALID_FIELD);
        Expect.status(c, "Get Features of vector 0xffff", getFeature(0x09).cdw(11, 0xffff), Expect.INVALID_FIELD);
    }

    /** Section 5.21.1.7: 65,535, as counted from zero, is not allowed, and nothing is once there are I/O queues. */
    private static void numberOfQueues(RawController c) throws Exception {
        Expect.status(c, "65,536 submission queues", setFeature(QUEUES, 0xffff), Expect.INVALID_FIELD);
        Expect.status(c, "65,536 completion queues", setFeature(QUEUES, 0xffff << 16), Expect.INVALID_FIELD);
        int granted =
                Expect.status(c, "0xfffe queues", setFeature(QUEUES, 0xfffe << 16 | 0xfffe), Expect.SUCCESS).result();
        int again = Expect.status(c, "Get Features", getFeature(QUEUES), Expect.SUCCESS).result();
        Expect.equal("the number of queues read back", again, granted);
        QueueCases.createCompletion(c, 1, 16);
        Expect.status(
                c, "a number of queues when there is one", setFeature(QUEUES, 1 << 16 | 1), Expect.SEQUENCE_ERROR);
    }

    /** Section 5.21.1.4: a threshold below the temperature is an event, if somebody waits for one. */
    private static void temperature(RawController c) throws Exception {
        DmaBuffer log = c.allocate(4096);
        Expect.status(c, "the SMART log", getLog(SMART_LOG, ALL_NAMESPACES, log, 512), Expect.SUCCESS);
        int kelvin = log.memory().get(SHORT, 1) & 0xffff;
        Expect.that(kelvin > 200 && kelvin < 400, "the temperature is " + kelvin + " K");
        Expect.status(c, "Set Features (Asynchronous Event Configuration)", setFeature(0x0b, 2), Expect.SUCCESS);
        int event = c.submit(new Command(EVENT_REQUEST));
        Expect.status(c, "the threshold", setFeature(TEMPERATURE, kelvin - 10), Expect.SUCCESS);
        Completion told = Expect.status("the event", c.await(event), Expect.SUCCESS);
        Expect.equal("type of the event", told.result() & 7, 1);
        Expect.equal("information of the event", told.result() >>> 8 & 0xff, 1);
        Expect.equal("log page of the event", told.result() >>> 16 & 0xff, SMART_LOG);
        Expect.status(c, "the SMART log", getLog(SMART_LOG, ALL_NAMESPACES, log, 512), Expect.SUCCESS);
        Expect.that((log.memory().get(JAVA_BYTE, 0) & 2) != 0, "the log does not warn of the temperature");
        int read = Expect.status(c, "Get Features", getFeature(TEMPERATURE), Expect.SUCCESS).result();
        Expect.equal("the threshold read back", read & 0xffff, kelvin - 10);
        Expect.status(c, "back", setFeature(TEMPERATURE, kelvin + 20), Expect.SUCCESS);
        Expect.status(c, "THSEL 3", setFeature(TEMPERATURE, 3 << 20 | kelvin), Expect.INVALID_FIELD);
    }

    /** Section 5.2: one more than AERL allows is refused, the others stay. */
    private static void eventLimit(RawController c) throws Exception {
        int limit = IdentifyCases.controllerField(c, 259, 1) + 1;
        int[] waiting = new int[limit];
        for (int i = 0; i < limit; i++) {
            waiting[i] = c.submit(new Command(EVENT_REQUEST));
        }
        Expect.status(c, "one event request too many", new Command(EVENT_REQUEST), Expect.EVENT_LIMIT_EXCEEDED);
        for (int cid : waiting) {
            Expect.that(!c.isDone(cid), "an event request within the limit was answered");
        }
    }

    static Command getLog(int page, int nsid, DmaBuffer data, int bytes) {
        int dwords = bytes / 4 - 1;
        return new Command(GET_LOG_PAGE)
                .nsid(nsid)
                .prp(data.address(), 0)
                .cdw(10, (dwords & 0xffff) << 16 | page)
                .cdw(11, dwords >>> 16);
    }

    /** Figure 191. Version 1.4 has "invalid log page" for pages that are not there; some controllers say "invalid field". */
    private static void logs(RawController c) throws Exception {
        DmaBuffer data = c.allocate(4096);
        Expect.status(c, "the error log", getLog(0x01, ALL_NAMESPACES, data, 64), Expect.SUCCESS);
        Expect.status(c, "the SMART log", getLog(SMART_LOG, ALL_NAMESPACES, data, 512), Expect.SUCCESS);
        Expect.status(c, "the firmware log", getLog(0x03, ALL_NAMESPACES, data, 512), Expect.SUCCESS);
        Expect.status(
                c,
                "log page 0x6f",
                getLog(0x6f, ALL_NAMESPACES, data, 512),
                Expect.INVALID_LOG_PAGE,
                Expect.INVALID_FIELD);
    }

    /** Section 5.14: an offset selects the same bytes, and one behind the page's end is an error. */
    private static void logOffset(RawController c) throws Exception {
        if ((IdentifyCases.controllerField(c, 261, 1) & 1 << 2) == 0) {
            return; // LPA bit 2: this controller has no offsets
        }
        DmaBuffer whole = c.allocate(4096);
        DmaBuffer part = c.allocate(4096);
        Expect.status(c, "the firmware log", getLog(0x03, ALL_NAMESPACES, whole, 512), Expect.SUCCESS);
        Expect.status(c, "from 8", getLog(0x03, ALL_NAMESPACES, part, 64).cdw(12, 8), Expect.SUCCESS);
        Expect.that(
                whole.memory().asSlice(8, 64).mismatch(part.memory().asSlice(0, 64)) == -1,
                "a log page read from an offset differs");
        Expect.status(
                c, "from 0x10000", getLog(0x03, ALL_NAMESPACES, part, 64).cdw(12, 0x10000), Expect.INVALID_FIELD);
    }

    /** Section 5.1: a command that is not there is not aborted, which is no error. */
    private static void abort(RawController c) throws Exception {
        Completion done = Expect.status(
                c, "Abort of nothing", new Command(ABORT).cdw(10, 0x7ffe << 16), Expect.SUCCESS);
        Expect.equal("bit 0 of the result, 'not aborted'", done.result() & 1, 1);
    }

    /** Section 5.23, with requests that must not change anything. */
    private static void format(RawController c) throws Exception {
        if ((IdentifyCases.controllerField(c, 256, 2) & 1 << 1) == 0) {
            Expect.status(c, "Format", new Command(FORMAT).nsid(1), Expect.INVALID_OPCODE);
            return;
        }
        int namespaces = IdentifyCases.controllerField(c, 516, 4);
        Expect.status(c, "Format of namespace NN + 1", new Command(FORMAT).nsid(namespaces + 1),
                Expect.INVALID_NAMESPACE);
        Expect.status(c, "Format to LBA format 15", new Command(FORMAT).nsid(1).cdw(10, 15), Expect.INVALID_FORMAT);
    }
}
