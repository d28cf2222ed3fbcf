package org.busbar.shell.internal.text;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.time.Instant;
import org.busbar.device.DeviceId;
import org.busbar.pci.PciAddress;

/** The JSON form of listings: DTOs, records, maps and lists of them. */
public final class Json {

    private static final Gson LINES = new GsonBuilder()
            .disableHtmlEscaping()
            .registerTypeAdapter(Instant.class, text())
            .registerTypeAdapter(PciAddress.class, text())
            .registerTypeAdapter(DeviceId.class, text())
            .create();
    private static final Gson GSON = LINES.newBuilder().setPrettyPrinting().create();

    private Json() {}

    private static JsonSerializer<Object> text() {
        return (value, type, context) -> new JsonPrimitive(value.toString());
    }

    /** Returns a value as JSON. */
    public static String of(Object value) {
        return GSON.toJson(value);
    }

    /** Returns a value as JSON on one line, for output that goes on and on. */
    public static String line(Object value) {
        return LINES.toJson(value);
    }
}
