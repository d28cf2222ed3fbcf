package org.busbar.pci.internal.sys;

import java.io.IOException;

/** A system call failed. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    /**
     * @param call name of the call, for example {@code ioctl}
     * @param errno what it failed with, positive
     * @param arguments what it was called with, in words, for example {@code VFIO_GROUP_GET_STATUS, /dev/vfio/12}
     */
    public ErrnoException(String call, int errno, String arguments) {
        super(call + "(" + arguments + ") failed: " + Errno.name(errno));
        this.call = call;
        this.errno = errno;
    }

    /** Returns the name of the call. */
    public String call() {
        return call;
    }

    /** Returns the error number, see {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** Returns the symbolic name of the error number, for example {@code EACCES}. */
    public String errnoName() {
        return Errno.name(errno);
    }

    /** Returns whether the process lacks a right: EACCES or EPERM. */
    public boolean isPermission() {
        return errno == Errno.EACCES || errno == Errno.EPERM;
    }
}
