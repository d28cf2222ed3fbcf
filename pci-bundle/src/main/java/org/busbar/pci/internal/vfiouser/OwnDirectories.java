package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells which directories nobody else can put anything into: a server is trusted with this program's memory, and whoever can
 * write to its directory can put himself into its place.
 */
public final class OwnDirectories {

    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int ROOT = 0;

    private final int user;

    /** @param user number of the user whose directories are trusted, beside root's */
    OwnDirectories(int user) {
        this.user = user;
    }

    /** Returns what trusts the user who runs this program. */
    public static OwnDirectories ofThisUser() {
        try {
            return new OwnDirectories((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return new OwnDirectories(ROOT);
        }
    }

    /**
     * Returns why a directory is not trusted, fit for the end of a sentence, or an empty text.
     *
     * @throws IOException if it cannot be looked at
     */
    public String objection(Path directory) throws IOException {
        int owner = (Integer) Files.getAttribute(directory, "unix:uid");
        int mode = (Integer) Files.getAttribute(directory, "unix:mode");
        if (owner != user && owner != ROOT) {
            return "belongs to user " + owner + ", who could put another server there; use a directory of your own";
        }
        if ((mode & WRITABLE_BY_OTHERS) != 0) {
            return "can be written by other users (mode %o), who could put another server there; chmod go-w it"
                    .formatted(mode & 07777);
        }
        return "";
    }
}
