package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.busbar.shell.internal.words.CommandFailure;

/** Where an export listens: a socket in the file system, or a port that only this machine reaches. */
sealed interface Place {

    /** The most bytes that the path of a socket may have (unix(7)), without the zero at its end. */
    int LONGEST_PATH = 107;

    /** Opens it. */
    ServerSocketChannel listen() throws IOException;

    /** Returns the place that was really taken. */
    Place at(ServerSocketChannel listener) throws IOException;

    String uri();

    /** Leaves nothing behind. */
    void remove() throws IOException;

    /** A socket that its owner alone may connect to. */
    record Socket(Path path) implements Place {

        @Override
        public ServerSocketChannel listen() throws IOException {
            if (path.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length > LONGEST_PATH) {
                throw new CommandFailure("a socket's path has at most " + LONGEST_PATH + " bytes, " + path
                        + " has more; --socket names another");
            }
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null && !Files.exists(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            removeStale();
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                listener.bind(UnixDomainSocketAddress.of(path));
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
                return listener;
            } catch (IOException e) {
                listener.close();
                throw e;
            }
        }

        /** A socket that nobody listens to was left by a process that has died. Anything else is not ours to delete. */
        private void removeStale() throws IOException {
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            if (!Files
                    .readAttributes(path, java.nio.file.attribute.BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                throw new CommandFailure(path + " is there, and is no socket");
            }
            try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                throw new CommandFailure("somebody listens at " + path + " already" + (probe.isOpen() ? "" : "?"));
            } catch (IOException e) {
                Files.delete(path);
            }
        }

        @Override
        public Place at(ServerSocketChannel listener) {
            return this;
        }

        @Override
        public String uri() {
            return "nbd+unix:///?socket=" + path;
        }

        @Override
        public void remove() throws IOException {
            Files.deleteIfExists(path);
        }
    }

    /** A TCP port on the loopback interface; 0 for any. */
    record Port(int number) implements Place {

        @Override
        public ServerSocketChannel listen() throws IOException {
            ServerSocketChannel listener = ServerSocketChannel.open();
            try {
                return listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), number));
            } catch (IOException e) {
                listener.close();
                throw e;
            }
        }

        @Override
        public Place at(ServerSocketChannel listener) throws IOException {
            return listener.getLocalAddress() instanceof InetSocketAddress address
                    ? new Port(address.getPort())
                    : this;
        }

        @Override
        public String uri() {
            return "nbd://127.0.0.1:" + number;
        }

        @Override
        public void remove() {
            // Closing the listener has done it.
        }
    }
}
