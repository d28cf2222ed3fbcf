package org.busbar.port.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.net.FlowControl;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortStatistics;
import org.busbar.net.ReceiveSpread;
import org.busbar.port.Port;
import org.busbar.port.PortCard;
import org.busbar.port.PortHistory;
import org.busbar.port.PortState;
import org.jspecify.annotations.Nullable;

/** A port as applications see it, and what its parts share. Thread-safe. */
final class DurablePort implements Port {

    private final String identity;
    private final CardSet cards;
    private final PortSettings settings;
    private final QueueSlots slots;
    private final LinkNews news;
    private final Asking asking;
    private final Totals totals = new Totals();
    private final PastEvents past = new PastEvents();
    private final Changes changes = new Changes();

    /** @param first the first card; it is not used yet */
    DurablePort(Card first, OwnPools pools, Works works, CardSet.Owner owner) {
        identity = first.identity();
        settings = new PortSettings(name(), first.traits());
        slots = new QueueSlots(this, pools);
        news = new LinkNews(this, works.tasks());
        asking = new Asking(this, settings);
        cards = new CardSet(this, works, owner);
    }

    // --- for those who look after it, and for its parts

    CardSet cardSet() {
        return cards;
    }

    PortSettings chosen() {
        return settings;
    }

    QueueSlots slots() {
        return slots;
    }

    LinkNews news() {
        return news;
    }

    Totals totals() {
        return totals;
    }

    PastEvents past() {
        return past;
    }

    /** Signalled when a queue may have an offer, or the state has changed. */
    Changes changes() {
        return changes;
    }

    Asking asking() {
        return asking;
    }

    Traits traits() {
        return settings.traits();
    }

    /** Returns the card that frames pass through, possibly not in place yet. */
    @Nullable
    Card cardNow() {
        return cards.active();
    }

    /** Whether somebody relies on it. */
    boolean isUsed() {
        return slots.any() || news.any() || settings.any();
    }

    /** Somebody has ceased to rely on it, perhaps the last. */
    void unused() {
        cards.unused();
    }

    /** Nobody looks after it any more. */
    void giveUp() {
        cards.drop();
        slots.giveUp();
        changes.signal();
    }

    DeviceGoneException givenUp() {
        return new DeviceGoneException(name() + ": " + PortState.DROPPED.text());
    }

    void requireKept() {
        if (state() == PortState.DROPPED) {
            throw givenUp();
        }
    }

    // --- what it is

    @Override
    public String identity() {
        return identity;
    }

    @Override
    public String name() {
        return "port/" + identity;
    }

    @Override
    public PortState state() {
        return cards.state();
    }

    @Override
    public List<PortCard> cards() {
        return cards.list();
    }

    @Override
    public SequencedMap<String, String> settings() {
        return settings.chosen();
    }

    @Override
    public SequencedMap<String, String> shortfalls() {
        SequencedMap<String, String> all = new LinkedHashMap<>(settings.shortfalls());
        slots.lacking().forEach((index, why) -> all.put("queue " + index, why));
        return all;
    }

    @Override
    public PortHistory history() {
        return past.snapshot();
    }

    @Override
    public MacAddress mac() {
        return traits().mac();
    }

    @Override
    public int mtu() {
        return traits().mtu();
    }

    @Override
    public int maxMtu() {
        return traits().maxMtu();
    }

    @Override
    public int queues() {
        return traits().queues();
    }

    @Override
    public Set<PortFeature> features() {
        return traits().features();
    }

    @Override
    public FlowControl flowControl() {
        return traits().flowControl();
    }

    @Override
    public Optional<ReceiveSpread> receiveSpread() {
        return traits().spread();
    }

    @Override
    public LinkState link() {
        Card card = cardNow();
        if (card != null) {
            try {
                return card.port().link();
            } catch (DeviceGoneException _) {
                return LinkState.DOWN;
            }
        }
        return LinkState.DOWN;
    }

    @Override
    public AutoCloseable onLinkChange(LinkListener listener) {
        requireKept();
        LinkNews.Registered registered = news.add(listener);
        try {
            requireKept(); // it may have been given up before it knew that somebody listens
        } catch (DeviceGoneException e) {
            registered.close();
            throw e;
        }
        return registered;
    }

    // --- counters

    private Sample counted() {
        Card card = cardNow();
        if (card != null) {
            totals.look(card);
        }
        return totals.now();
    }

    @Override
    public PortStatistics statistics() {
        return counted().all();
    }

    @Override
    public PortStatistics statistics(int queue) {
        require(PortFeature.QUEUE_STATISTICS);
        return counted().queue(Objects.checkIndex(queue, queues()));
    }

    @Override
    public SequencedMap<String, Long> counters() {
        return new LinkedHashMap<>(counted().named());
    }

    // --- what is chosen

    @Override
    public void promiscuous(boolean on) throws IOException {
        asking.choose(Choice.promiscuous(on));
    }

    @Override
    public void allMulticast(boolean on) throws IOException {
        asking.choose(Choice.allMulticast(on));
    }

    @Override
    public void multicast(List<MacAddress> groups) throws IOException {
        asking.choose(Choice.multicast(groups));
    }

    @Override
    public void vlan(int id, boolean receive) throws IOException {
        Choice.requireVlan(id);
        asking.choose(
                Kind.VLAN_FILTER,
                port -> port.vlan(id, receive),
                !receive,
                () -> settings.rememberVlan(id, receive));
    }

    @Override
    public void changeMac(MacAddress mac) throws IOException {
        asking.choose(Choice.mac(mac));
    }

    @Override
    public void changeMtu(int bytes) throws IOException {
        require(PortFeature.MTU_SET);
        asking.choose(Choice.mtu(bytes, maxMtu()));
    }

    @Override
    public void vlanStripping(boolean on) throws IOException {
        asking.choose(Choice.vlanStripping(on));
    }

    @Override
    public void changeFlowControl(FlowControl flowControl) throws IOException {
        asking.choose(Choice.flowControl(flowControl));
    }

    @Override
    public void changeReceiveSpread(ReceiveSpread spread) throws IOException {
        asking.choose(Choice.spread(spread));
    }

    @Override
    public void throttleInterrupts(Duration interval) throws IOException {
        asking.choose(Choice.throttle(interval));
    }

    /** Has the driver asked what it has counted, soon. */
    void lookLater() {
        Card card = cardNow();
        if (card != null) {
            card.lookLater(totals);
        }
    }

    void require(PortFeature feature) {
        if (!features().contains(feature)) {
            throw new UnsupportedOperationException(name() + " lacks " + feature);
        }
    }

    // --- what is done

    @Override
    public PortQueue openQueue() throws IOException {
        return openQueue(PortQueueOptions.DEFAULT);
    }

    @Override
    public PortQueue openQueue(PortQueueOptions options) throws IOException {
        requireKept();
        return slots.open(options);
    }

    @Override
    public void reset(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException {
        Card card = present();
        Card _ = card.lane().call(name(), deadline.remaining(), () -> {
            card.port().reset(deadline);
            return card;
        });
    }

    @Override
    public void identify(boolean on) throws IOException {
        Card card = present();
        asking.ask(card, () -> {
            card.port().identify(on);
            return card;
        });
    }

    private Card present() {
        Card card = cardNow();
        if (card == null) {
            throw new DeviceGoneException(name() + " has no driver now");
        }
        return card;
    }
}
