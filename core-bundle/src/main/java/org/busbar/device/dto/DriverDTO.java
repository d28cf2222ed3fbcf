package org.busbar.device.dto;

import java.util.ArrayList;
import java.util.List;
import org.osgi.dto.DTO;

/** One driver. */
public class DriverDTO extends DTO {
    /** Name of the driver. */
    public String name = "";
    /** Symbolic name of its bundle. */
    public String bundle = "";
    /** Version of its bundle. */
    public String version = "";
    /** Its service id. */
    public long serviceId;
    /** Its service ranking. */
    public int ranking;
    /** The keys that it matches. */
    public List<String> keys = new ArrayList<>();
    /** Addresses of the devices that it drives. */
    public List<String> devices = new ArrayList<>();
    /** What is wrong with its registration, in words; empty if nothing is. Such a driver is never probed. */
    public String problem = "";
}
