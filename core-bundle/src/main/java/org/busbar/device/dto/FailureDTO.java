package org.busbar.device.dto;

import org.osgi.dto.DTO;

/** A failure of a driver with a device. */
public class FailureDTO extends DTO {
    /** When it happened, in milliseconds since 1970-01-01T00:00Z. */
    public long time;
    /** What happened, in words. */
    public String what = "";
}
