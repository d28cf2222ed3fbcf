package org.busbar.durable.internal;

import java.util.Optional;
import org.busbar.block.BlockFeatures;

/**
 * What is known of a medium from a block device that leads to it.
 *
 * @param identity lasting identity
 * @param model vendor's model name, empty if not known
 * @param serial serial number, empty if not known
 * @param shared whether several devices may lead to it
 * @param blockSize bytes per block
 * @param features what can be asked of it
 */
record Medium(
        String identity, String model, String serial, boolean shared, int blockSize, BlockFeatures features) {

    /** Returns why another medium with the same identity is not this one, or cannot stand in for it. */
    Optional<String> objection(Medium other) {
        if (blockSize != other.blockSize) {
            return differs("blocks of " + other.blockSize + " bytes", blockSize);
        }
        if (!model.equals(other.model) || !serial.equals(other.serial)) {
            return differs(other.text(), text());
        }
        if (!features.metadata().equals(other.features.metadata())) {
            return differs(other.features.metadata().toString(), features.metadata());
        }
        if (!other.features.supported().containsAll(features.supported())
                || other.features.maxBlocksPerRequest() < features.maxBlocksPerRequest()
                || other.features.maxRangesPerRequest() < features.maxRangesPerRequest()) {
            return Optional.of("it can do less than the volume's users were promised");
        }
        return Optional.empty();
    }

    /** Returns why there must be one path only, if so. */
    Optional<String> objectionToSeveral(Medium other) {
        if (!shared || !other.shared) {
            return Optional.of(
                    "it has the identity of a path that is there, and not both say that the medium is shared: one of"
                            + " them must be a copy");
        }
        if (!isGlobal()) {
            return Optional
                    .of("its identity is only a serial number, which a path that is there has, too: it may be another"
                            + " medium");
        }
        return Optional.empty();
    }

    /** Whether the identity is not just made of a serial number, of which two cards may have the same. */
    private boolean isGlobal() {
        return serial.isEmpty() || !identity.startsWith(serial);
    }

    static Optional<String> differs(String here, Object expected) {
        return Optional.of("it has the volume's identity, but is another medium: " + here + " instead of " + expected);
    }

    private String text() {
        return "'" + model + "' with serial number '" + serial + "'";
    }
}
