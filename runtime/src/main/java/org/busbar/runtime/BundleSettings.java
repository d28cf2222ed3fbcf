package org.busbar.runtime;

import java.util.Map;

/** What bundles of others are told by framework properties. */
final class BundleSettings {

    private static final String RACK = "1=nvme:size=64M;2=nvme:size=64M;3=nic;4=nic";

    private BundleSettings() {}

    static void addTo(Map<String, Object> properties, Home home) {
        properties.put("busbar.rack", RACK);

        // fileinstall: conf/ comes first, so that policy is in force before a driver is.
        properties.put("felix.fileinstall.dir", home.conf() + "," + home.drivers());
        properties.put("felix.fileinstall.tmpdir", home.cache().resolve("fileinstall").toString());
        properties.put("felix.fileinstall.poll", "500");
        properties.put("felix.fileinstall.noInitialDelay", "true");
        properties.put("felix.fileinstall.log.level", "3");

        // What is configured is what the files in conf/ say. Nothing is written back to them (a file that is being
        // written was read half empty, and every claim in it given up); ConfigAdmin's own store goes with the cache.
        properties.put("felix.fileinstall.enableConfigSave", "false");
        properties.put("felix.cm.dir", home.cache().resolve("config").toString());

        properties.put("org.ops4j.pax.logging.StaticLogbackFile", home.conf().resolve("logback.xml").toString());
        properties.put("org.ops4j.pax.logging.DefaultServiceLog.level", "ERROR");
        properties.put("org.ops4j.pax.logging.service.frameworkEventsLogLevel", "DEBUG");
    }
}
