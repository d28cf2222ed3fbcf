package org.busbar.device.dto;

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
}
