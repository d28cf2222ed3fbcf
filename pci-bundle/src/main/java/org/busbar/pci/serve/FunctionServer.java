package org.busbar.pci.serve;

import java.io.IOException;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Serves functions by vfio-user: another process, of this project or not, connects to a socket and drives the function as
 * if it were its own. An OSGi service, thread-safe.
 */
@ProviderType
public interface FunctionServer {

    /**
     * Begins to serve a function, to one client at a time; others wait until that one has left. Each client finds the
     * function as if just switched on: it is opened for the client, and closed when the client leaves.
     *
     * @param directory where the socket is made, by the name {@code cntrl}; made if it is not there. It belongs to root or
     *     to the user who runs this program, and nobody else can write to it. A socket that nobody listens to any more is
     *     replaced
     * @param function what is served
     * @throws IOException if that is not possible; the message says why and what to do about it
     */
    ServedEndpoint serve(Path directory, ServedFunction function) throws IOException;
}
