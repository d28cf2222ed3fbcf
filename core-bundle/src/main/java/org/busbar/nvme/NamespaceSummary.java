package org.busbar.nvme;

import java.util.Optional;

/**
 * A namespace in the list of a controller's.
 *
 * @param nsid namespace identifier
 * @param active whether it is attached to this controller
 * @param identity what it is; empty if the controller does not say
 * @param device name of its block device; empty if there is none
 * @param problem why there is no block device although it is active
 */
public record NamespaceSummary(
        int nsid,
        boolean active,
        Optional<NamespaceIdentity> identity,
        Optional<String> device,
        Optional<String> problem) {}
