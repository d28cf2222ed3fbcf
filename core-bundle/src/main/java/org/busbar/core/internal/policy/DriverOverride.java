package org.busbar.core.internal.policy;

/**
 * Devices that one driver may have and no other.
 *
 * @param devices which devices
 * @param driver the driver's name
 */
public record DriverOverride(DevicePattern devices, String driver) {

    /**
     * Parses {@code pattern=driver}.
     *
     * @throws IllegalArgumentException if it has another form
     */
    static DriverOverride parse(String text) {
        int equals = text.indexOf('=');
        String driver = equals < 0 ? "" : text.substring(equals + 1).strip();
        if (driver.isEmpty()) {
            throw new IllegalArgumentException(
                    "it names no driver: write pattern=driver, for example 0000:02:00.0=org.busbar.driver.nvme");
        }
        return new DriverOverride(DevicePattern.parse(text.substring(0, equals)), driver);
    }

    @Override
    public String toString() {
        return devices + "=" + driver;
    }
}
