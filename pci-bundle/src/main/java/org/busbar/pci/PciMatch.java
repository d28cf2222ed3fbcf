package org.busbar.pci;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Says which functions a driver matches, as service properties {@code pci.match.ids} and {@code pci.match.classes}. At
 * least one has to be given. The best of all that match counts: subsystem, then device, then class with programming
 * interface, then class, then base class.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface PciMatch {

    /** Prefix of the service properties. */
    String PREFIX_ = "pci.match.";

    /**
     * Vendor and device ID, {@code 8086:10d3}, or with the subsystem's, {@code 8086:10d3:8086:a01f}; hex. The subsystem
     * may be given as {@code *:*}.
     */
    String[] ids() default {};

    /** Class codes in hex: {@code 010802}, without programming interface {@code 0108}, or the base class {@code 01}. */
    String[] classes() default {};
}
