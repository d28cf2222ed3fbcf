package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.busbar.pci.host.ScanProblem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds endpoints: directories, each with a socket named {@code cntrl}, in directories. */
final class Endpoints {

    private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);
    /** Name of the socket. */
    static final String SOCKET = "cntrl";

    /**
     * An endpoint.
     *
     * @param name of its directory, or that with the directory's around it if two are alike
     * @param directory the configured directory that it is in
     * @param socket where it listens
     * @param identity changes when the socket is exchanged
     */
    record Endpoint(String name, Path directory, Path socket, Object identity) {}

    /**
     * What is there.
     *
     * @param endpoints by name
     * @param problems directories that are not used, and why
     */
    record Listing(Map<String, Endpoint> endpoints, List<ScanProblem> problems) {}

    private final OwnDirectories safe;

    Endpoints(OwnDirectories safe) {
        this.safe = safe;
    }

    /** Lists the endpoints in some directories. One that is not there yet has none. */
    Listing list(List<Path> directories) {
        Map<String, Endpoint> found = new TreeMap<>();
        List<ScanProblem> problems = new ArrayList<>();
        for (Path directory : directories) {
            try {
                list(directory, found, problems);
            } catch (NoSuchFileException e) {
                LOG.debug("{} is not there yet", directory);
            } catch (NotDirectoryException e) {
                problems.add(new ScanProblem(directory.toString(), "is no directory"));
            } catch (IOException e) {
                problems.add(new ScanProblem(directory.toString(), "cannot be listed: " + e.getMessage()));
            }
        }
        return new Listing(found, problems);
    }

    private void list(Path directory, Map<String, Endpoint> found, List<ScanProblem> problems) throws IOException {
        String why = safe.objection(directory);
        if (!why.isEmpty()) {
            problems.add(new ScanProblem(directory.toString(), why));
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                Path socket = entry.resolve(SOCKET);
                Object identity = identity(socket);
                if (identity == null) {
                    continue;
                }
                String objection = safe.objection(entry);
                if (objection.isEmpty()) {
                    String name = String.valueOf(entry.getFileName());
                    String unique = found.containsKey(name) ? entry.toString() : name;
                    found.put(unique, new Endpoint(unique, directory, socket, identity));
                } else {
                    problems.add(new ScanProblem(entry.toString(), objection));
                }
            }
        }
    }

    private static @Nullable Object identity(Path socket) {
        try {
            // The inode alone is not enough: it is given out again at once.
            Map<String, Object> attributes =
                    Files.readAttributes(socket, "unix:ino,ctime,mode", LinkOption.NOFOLLOW_LINKS);
            return List.copyOf(attributes.values());
        } catch (IOException e) {
            return null; // no endpoint, or just gone
        }
    }
}
