package org.busbar.block;

/** What a block device may or may not be able to do besides reading and writing. */
public enum BlockFeature {
    /** The device has a volatile write cache: {@link BlockDevice#flush} is needed to make writes durable. */
    VOLATILE_CACHE("volatile write cache"),
    /** Single writes can be made durable, {@link RequestOptions#forceUnitAccess}. */
    FORCE_UNIT_ACCESS("force unit access"),
    /** The device compares blocks with data: {@link BlockDevice#compare}. */
    COMPARE("compare"),
    /** The device writes zeroes without being sent them: {@link BlockDevice#writeZeroes}. */
    WRITE_ZEROES("write zeroes"),
    /** Blocks can be given back (trimmed): {@link BlockDevice#deallocate}. */
    DEALLOCATE("deallocate"),
    /** The device checks that blocks can be read, without sending them: {@link BlockDevice#verify}. */
    VERIFY("verify"),
    /** The device copies blocks by itself: {@link BlockDevice#copy}. */
    COPY("copy");

    private final String text;

    BlockFeature(String text) {
        this.text = text;
    }

    /** Returns the feature in words. */
    public String text() {
        return text;
    }
}
