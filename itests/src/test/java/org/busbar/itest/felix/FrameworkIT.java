package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;

/** The framework under test is the one that is meant. */
@RunWith(PaxExam.class)
public class FrameworkIT {

    private BundleContext context;

    @Configuration
    public Option[] framework() {
        return new Option[] {Felix.options()};
    }

    /** Not in the constructor: it also runs outside of the framework. */
    @Before
    public void enter() {
        context = FrameworkUtil.getBundle(getClass()).getBundleContext();
    }

    @Test
    public void allBundlesRun() {
        assertThat(context.getBundles()).allSatisfy(
                bundle -> assertThat(bundle.getState()).as(bundle.toString()).isEqualTo(Bundle.ACTIVE));
        assertThat(Arrays.stream(context.getBundles()).map(Bundle::getSymbolicName))
                .contains(Felix.CORE, Felix.PCI, Felix.EMULATOR);
    }

    @Test
    public void theFrameworkIsFelixOfTheRuntime() {
        assertThat(context.getProperty(Constants.FRAMEWORK_VENDOR)).contains("Apache");
        assertThat(context.getBundle(0).getSymbolicName()).isEqualTo("org.apache.felix.framework");
        assertThat(context.getBundle(0).getVersion().toString()).isEqualTo("7.0.5");
    }
}
