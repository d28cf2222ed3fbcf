package org.busbar.driver.nic;

import java.util.List;
import java.util.Optional;

/**
 * A controller that the driver knows. Device numbers are those of vendor 8086h (SDM 5.2; 82574 datasheet 9.1.1). The 8254x
 * without an integrated copper PHY, which need another way to a link, and the 82541 and 82547, whose PHY needs settings of
 * its own, are left to drivers that have them.
 *
 * @param device device number
 * @param name as printed on the chip
 */
record Model(int device, String name, Family family) {

    static final int INTEL = 0x8086;

    /** What {@link NicDriver} matches. */
    static final List<Model> ALL = List.of(
            new Model(0x100e, "82540EM", Family.I8254X),
            new Model(0x1015, "82540EM", Family.I8254X),
            new Model(0x1016, "82540EP", Family.I8254X),
            new Model(0x1017, "82540EP", Family.I8254X),
            new Model(0x101e, "82540EP", Family.I8254X),
            new Model(0x100f, "82545EM", Family.I8254X),
            new Model(0x1026, "82545GM", Family.I8254X),
            new Model(0x1010, "82546EB", Family.I8254X),
            new Model(0x1079, "82546GB", Family.I8254X),
            new Model(0x10d3, "82574L", Family.I82574),
            new Model(0x10f6, "82574LA", Family.I82574));

    static Optional<Model> of(int device) {
        return ALL.stream().filter(model -> model.device == device).findFirst();
    }
}
