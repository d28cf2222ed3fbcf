package org.busbar.device.dto;

import java.util.ArrayList;
import java.util.List;
import org.osgi.dto.DTO;

/** A driver that matches a device. */
public class CandidateDTO extends DTO {
    /** Name of the driver. */
    public String driver = "";
    /** Service id of the driver. */
    public long serviceId;
    /** The key by which it matches. */
    public String key = "";
    /** How well it matches; higher is better. */
    public int score;
    /** What stands between this driver and the device, in words; empty if nothing does. */
    public String obstacle = "";
    /** How many probes of this pair have failed in a row. */
    public int failures;
    /** Its latest failures with this device, ten at most, oldest first, also of earlier attempts that went well at first. */
    public List<FailureDTO> latestFailures = new ArrayList<>();
    /** How many failures count against it now, of those in the failure window. */
    public int recentFailures;
    /** When it is tried again, in milliseconds since 1970-01-01T00:00Z; 0 if no time is set. */
    public long nextAttempt;
    /** Whether it is not tried again until something changes. */
    public boolean quarantined;
}
