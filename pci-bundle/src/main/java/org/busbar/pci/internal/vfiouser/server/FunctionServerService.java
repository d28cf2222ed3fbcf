package org.busbar.pci.internal.vfiouser.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.busbar.pci.serve.FunctionServer;
import org.busbar.pci.serve.ServedEndpoint;
import org.busbar.pci.serve.ServedFunction;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.ServiceScope;

/** Serves functions; one instance for each bundle that has some served, so that its endpoints end with it. */
@Component(service = FunctionServer.class, scope = ServiceScope.BUNDLE)
public final class FunctionServerService implements FunctionServer {

    private final Set<ServedEndpoint> open = ConcurrentHashMap.newKeySet();

    @Override
    public ServedEndpoint serve(Path directory, ServedFunction function) throws IOException {
        Endpoint endpoint = Endpoint.open(directory.toAbsolutePath(), function);
        ServedEndpoint mine = new ServedEndpoint() {
            @Override
            public Path socket() {
                return endpoint.socket();
            }

            @Override
            public boolean inUse() {
                return endpoint.inUse();
            }

            @Override
            public void close() {
                open.remove(this);
                endpoint.close();
            }
        };
        open.add(mine);
        return mine;
    }

    @Deactivate
    void deactivate() {
        List.copyOf(open).forEach(ServedEndpoint::close);
    }
}
