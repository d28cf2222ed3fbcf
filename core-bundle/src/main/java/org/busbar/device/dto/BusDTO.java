package org.busbar.device.dto;

import java.util.ArrayList;
import java.util.List;
import org.osgi.dto.DTO;

/** One bus at one moment: all of it was true at the same time. */
public class BusDTO extends DTO {
    /** Name of the bus. */
    public String name = "";
    /** Whether nothing is on its way: no probe or removal runs and none is due now. */
    public boolean settled;
    /** Number of probes that were ever started. */
    public long probes;
    /** The devices that are present, by address. */
    public List<DeviceDTO> devices = new ArrayList<>();
    /** The drivers that are present, by name. */
    public List<DriverDTO> drivers = new ArrayList<>();
}
