package org.busbar.shell.internal;

import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Component;

/** The session in front of the prompt: shows the device tree once everything has settled. */
@Component(service = Callable.class, property = "busbar.mode=shell")
public final class Welcome implements Callable<Integer> {

    @Override
    public Integer call() {
        System.out.println("Busbar");
        return 0;
    }
}
