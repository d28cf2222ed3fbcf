package org.busbar.device.dto;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.dto.DTO;

/** One device. */
public class DeviceDTO extends DTO {
    /** Its address in the bus's notation. */
    public String address = "";
    /** Its generation, from 1. */
    public long generation;
    /** Name of an {@link org.busbar.device.DeviceState}. */
    public String state = "";
    /** Why it is in that state, in words. */
    public String reason = "";
    /** Since when it is in that state, in milliseconds since 1970-01-01T00:00Z. */
    public long since;
    /** Name of the driver that drives, probes or gives up the device, or null. */
    public @Nullable String driver;
    /** How often a probe of this device was started. */
    public long probes;
    /** Services that its driver has published: interface names. */
    public List<String> services = new ArrayList<>();
    /** The drivers that match, best first. */
    public List<CandidateDTO> candidates = new ArrayList<>();
    /** What the bus says of it, for display and filters. */
    public Map<String, String> properties = new LinkedHashMap<>();
}
