package org.busbar.emulator;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A rack of slots that can be filled and emptied while everything runs. An OSGi service, thread-safe. Cards are
 * functions of the {@code emulated} host, slot n at address {@code e000:n:00.0} (bus number in hex).
 */
@ProviderType
public interface Rack {

    /** Returns the slots, by number. */
    List<Slot> slots();

    /**
     * Puts a card into an empty slot.
     *
     * @param slot number of the slot, from 1
     * @throws IllegalArgumentException if there is no such slot, or the card cannot be made; the message says why
     * @throws IllegalStateException if the slot is occupied
     */
    void insert(int slot, Card card);

    /**
     * Takes a card out in order: its driver is asked to give it up, and is waited for.
     *
     * @throws IllegalArgumentException if there is no such slot
     * @throws IllegalStateException if the slot is empty
     * @throws DeviceTimeoutException if the driver has not given it up by the deadline; the card stays
     */
    void eject(int slot, Deadline deadline) throws DeviceTimeoutException, InterruptedException;

    /**
     * Yanks a card: from now on its registers read as all ones, its DMA and interrupts have stopped, and what it was
     * asked to do never completes.
     *
     * @throws IllegalArgumentException if there is no such slot
     * @throws IllegalStateException if the slot is empty
     */
    void pull(int slot);

    /**
     * Yanks a card and puts another in its place, so fast that no scan sees the slot empty.
     *
     * @throws IllegalArgumentException if there is no such slot, or the card cannot be made
     * @throws IllegalStateException if the slot is empty
     */
    void swap(int slot, Card card);

    /**
     * Makes something go wrong with the card in a slot, until {@link #heal} or until another card is there.
     *
     * @throws IllegalArgumentException if there is no such slot, or its card cannot have this fault
     * @throws IllegalStateException if the slot is empty
     */
    void fault(int slot, Fault fault);

    /** Ends all faults of the card in a slot. */
    void heal(int slot);

    /**
     * Returns a running SSD, to be changed from behind.
     *
     * @throws IllegalArgumentException if there is no such slot, or its card is no SSD
     * @throws IllegalStateException if the slot is empty
     */
    Ssd ssd(int slot);

    /**
     * Exchanges the wire from the rack's switch to a NIC. It stays until another takes its place or another card is there;
     * {@link #heal} does not touch it.
     *
     * @throws IllegalArgumentException if there is no such slot, or its card is no NIC
     * @throws IllegalStateException if the slot is empty
     */
    void wire(int slot, Wire wire);

    /** Returns the wire from the rack's switch to a NIC. Throws as {@link #wire(int, Wire)}. */
    Wire wire(int slot);

    /**
     * Serves the card in a slot by vfio-user: its driver here is asked to give it up, and another process can drive it until
     * {@link #unserve}, or until it is pulled. Meanwhile it is on no bus of this process.
     *
     * @param directory where its socket is made, by the name {@code cntrl}; made if it is not there
     * @throws IllegalArgumentException if there is no such slot
     * @throws IllegalStateException if the slot is empty, or its card is served already
     * @throws DeviceTimeoutException if the driver has not given it up by the deadline; it is not served then
     * @throws IOException if the socket cannot be made; the message says why
     */
    void serve(int slot, Path directory, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException, IOException;

    /**
     * Ends what {@link #serve} began: hangs up on the client, and the card is there for drivers of this process again.
     *
     * @throws IllegalArgumentException if there is no such slot
     * @throws IllegalStateException if the slot is empty, or its card is not served
     */
    void unserve(int slot);

    /** Returns the socket at which the card in a slot is served, or nothing if it is not. Throws nothing for empty slots. */
    Optional<Path> served(int slot);

    /** Returns every access that a card has made outside its mappings, since the rack began; the latest 1,000 are kept. */
    List<IommuFault> iommuFaults();

    /**
     * A slot.
     *
     * @param number from 1
     * @param address where a card in it appears, as text
     * @param card what is in it, or null
     * @param inUse whether somebody has the card open
     * @param faults the faults of the card
     */
    record Slot(
            int number,
            String address,
            @org.jspecify.annotations.Nullable Card card,
            boolean inUse,
            List<Fault> faults) {}

    /**
     * An access outside a card's mappings. It did not take place.
     *
     * @param slot the card's slot
     * @param address the address that the card used
     * @param length how many bytes
     * @param write whether it was a write
     */
    record IommuFault(int slot, long address, long length, boolean write) {}
}
