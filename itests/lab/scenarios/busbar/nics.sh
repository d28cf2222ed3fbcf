# A Busbar for NICs, and what is asked of each of them; the guest kernel's own NIC is the other side.
old=$(slot_address 3) nic=$(slot_address 4) virtio=$(slot_address 5)
ours=10.7.0.1 tapped=10.7.0.2 peer=10.7.0.254
ours6=fd07::1 peer6=fd07::fe
pings=${nic_pings:-500}                  # of each of ten kinds: 10,000 in all for each card, through nic:echo and nic:tap
iperf_seconds=${nic_iperf_seconds:-2}
jumbo=9000
peer_nic=$(peer_interface)

install_busbar
mkdir -p /run/home/conf /run/home/drivers
cp "$busbar/conf/logback.xml" /run/home/conf/
printf 'claims = 8086:10d3, 8086:100e, 8086:100f, %s\n' "$virtio" > /run/home/conf/org.busbar.pci.linux.cfg
cp "$jars/nic-driver-bundle.jar" "$jars/virtio-net-driver-bundle.jar" /run/home/drivers/
modprobe -a tun 8021q
# Frames as they came, one by one: the kernel does not put segments together before they are captured.
ip link set dev "$peer_nic" gro_max_size 1 gro_ipv4_max_size 1 2> /dev/null || ip link set dev "$peer_nic" gro_max_size 1
start_busbar /run/home

# The wire is TAP interfaces on a bridge, which lets devices do what a real one would, or a hub of QEMU's, which does not.
if grep -q lab.net=tap /proc/cmdline; then wire=tap; else wire=hub; fi
on_taps() { [[ $wire == tap ]] || skip "needs TAP interfaces, and this machine makes none: $1"; }

# With two queue pairs, where the wire is TAPs; its MTU is the device's, not to be changed.
virtio_net() {
  local queues=
  if [[ $wire == tap ]]; then queues=,mq=on,vectors=6; fi
  echo "virtio-net-pci,netdev=m0,mac=52:54:00:00:00:$1,disable-legacy=on,iommu_platform=on,romfile=,host_mtu=$jumbo$queues"
}

# job COMMAND: starts work in the background; its number is in $job
job() {
  bus "$1"
  job=$(sed -n 's/^job \([0-9]*\): .*/\1/p' <<< "$answer")
  [ -n "$job" ] || fail "no job in: $answer"
}

# afresh: what a scenario that failed has left is no other's trouble
afresh() {
  local left what
  bus "nic:jobs"
  left=$(awk '$1 ~ /^[1-9]/ {print "nic:stop " $1}' <<< "$answer")
  while IFS= read -r what; do [ -z "$what" ] || bus "$what" || true; done <<< "$left"
  rm -f /run/why
}

# ended: stops the job, and shows its report
ended() {
  bus "nic:stop $job"
  note "$(tr -s ' \n' ' ' <<< "$answer")"
}

# linked PORT MAC / unlinked PORT: waits for the link of the port with that address, or for its loss
linked() { within 60 "bus 'nic:show $1' && [[ \$answer == *Mb/s* && \$answer == *$2* ]]" "the link of $1 with $2 is up"; }
unlinked() { within 60 "bus 'nic:show $1' && [[ \$answer != *Mb/s* ]]" "the link of $1 is down"; }

# mtus PORT BYTES: the kernel's NIC and the port, where it can be changed, take frames of so much payload
mtus() {
  ip link set dev "$peer_nic" mtu "$2"
  if [[ $1 != "$virtio" ]]; then bus "nic:set $1 mtu=$2"; fi
}

# pinged TARGET COUNT SIZE [OPTION...]: every single one answered; up to eight are under way at a time
pinged() { all_answered "$2" -A -l 8 -s "$3" "${@:4}" "$1"; }

# found IP: the address is resolved anew, and a ping answered
found() {
  ip neighbour flush dev "$peer_nic"
  answers "$1"
}

# answers IP [OPTION...]: a ping is answered, in the end. The kernel gives up on a neighbour after three seconds.
answers() { within 60 "ping -c 1 -W 5 -q ${*:2} $1 > /dev/null" "an answer to ARP and ping from $1"; }

# echoed PORT MAC: pings in frames of 1,500 bytes, the longer ones in fragments, and in jumbo frames
echoed() {
  local size
  afresh
  peer_up "$peer/24"
  ip -6 address replace "$peer6/64" dev "$peer_nic" nodad
  mtus "$1" 1500
  job "nic:echo $1 $ours $ours6 -b"
  found "$ours"
  is "the kernel's ARP entry" "$(ip neighbour show "$ours" | grep -o 'lladdr [0-9a-f:]*')" "lladdr $2"
  for size in 56 1400 1472 4000 8900; do pinged "$ours" "$pings" "$size"; done
  answers "$ours6" -6
  for size in 56 8900; do pinged "$ours6" 100 "$size" -6; done
  ended
  mtus "$1" "$jumbo"
  job "nic:echo $1 $ours $ours6 -b"
  found "$ours" # whose receiver QEMU keeps waiting for a second
  for size in 56 1473 4000 8000 8900; do pinged "$ours" "$pings" "$size" -M "do"; done
  ended
}

# tapped PORT NAME MAC: the same through a TAP interface, and iperf3 both ways. The interface is in a network namespace of its own,
# or the kernel would take the short way.
tapped() {
  local size
  afresh
  peer_up "$peer/24"
  mtus "$1" "$jumbo"
  job "nic:tap $1 $2 -b"
  ip netns add tapped 2> /dev/null || true
  ip link set "$2" netns tapped
  ip -n tapped address add "$tapped/24" dev "$2"
  ip -n tapped link set "$2" up
  is "the interface's address" "$(ip -n tapped link show "$2" | grep -o 'ether [0-9a-f:]*')" "ether $3"
  is "the interface's MTU" "$(ip -n tapped link show "$2" | grep -o 'mtu [0-9]*')" "mtu $jumbo"
  found "$tapped"
  for size in 56 1473 4000 8000 8900; do pinged "$tapped" "$pings" "$size" -M "do"; done
  iperf "$2, MTU $jumbo, to the port"
  iperf "$2, MTU $jumbo, from the port" -R
  ip link set dev "$peer_nic" mtu 1500
  ip -n tapped link set "$2" mtu 1500
  for size in 56 1400 1472 4000 8900; do pinged "$tapped" "$pings" "$size"; done
  iperf "$2, MTU 1500, to the port"
  iperf "$2, MTU 1500, from the port" -R
  ended
  if ip -n tapped link show "$2" 2> /dev/null; then fail "$2 is still there"; fi
}

# iperf WHAT [OPTION...]
iperf() {
  local server
  ip netns exec tapped timeout 60 iperf3 -s -1 > /run/iperf-server 2>&1 {to_bus}>&- &
  server=$!
  within 20 "ip netns exec tapped ss -ltn | grep -q :5201" "iperf3 listens"
  timeout 60 iperf3 -c "$tapped" -t "$iperf_seconds" -f m "${@:2}" > /run/iperf || fail "iperf3: $(tail -n 3 /run/iperf)"
  wait "$server" || fail "iperf3's server: $(tail -n 3 /run/iperf-server)"
  note "iperf3, $1: $(grep receiver /run/iperf)"
  grep -q ' [0-9.]*[1-9][0-9.]* .bits/sec *receiver' /run/iperf || fail "nothing came: $(tail -n 4 /run/iperf)"
}

# --- the kernel's wire -----------------------------------------------------------------------------------------------------

# No program in the background may keep Busbar's input open: it would not end.
# record FILE [FILTER]: what the kernel's NIC receives, until recorded
record() {
  dumpcap -q -i "$peer_nic" -P -w "$1" -f "${2:-}" 2> /run/dumpcap {to_bus}>&- &
  recorder=$!
  trap 'kill -INT "$recorder" 2> /dev/null || true' EXIT
  within 30 "grep -q '^File: ' /run/dumpcap" "dumpcap records"
}

recorded() {
  kill -INT "$recorder"
  wait "$recorder" || fail "dumpcap: $(tail -n 3 /run/dumpcap)"
}

# dissect FILE: what tshark, which takes its time, sees in all frames, for seen
dissect() {
  local fields=() field
  for field in frame.len vlan.id ip.src ip.len icmp.type udp.srcport udp.length tcp.dstport tcp.seq_raw tcp.len ip.id \
    tcp.flags.push ip.checksum.status icmp.checksum.status udp.checksum.status tcp.checksum.status tcp.payload; do
    fields+=(-e "$field")
  done
  tshark -n -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -o ip.defragment:FALSE \
    -o tcp.desegment_tcp_streams:FALSE -T fields -E separator='|' -E occurrence=f "${fields[@]}" > /run/seen 2> /run/tshark ||
    fail "tshark: $(tail -n 3 /run/tshark)"
}

# seen CONDITION: how many frames meet it, in awk's words. A checksum's status is 1 if it is right, 0 if it is wrong.
seen() {
  awk -F '|' "{frame = \$1; vlan = \$2; icmp = \$5; udp = \$6; tcp = \$8; sums = \$13 \$14 \$15 \$16}
    $1 {n++} END {print n + 0}" /run/seen
}

# on_wire PORT MAC: jumbo frames, tags and checksums as the kernel's NIC receives them
on_wire() {
  local answered tag=100
  # There QEMU's virtio-net has no offloads, and its 82574L (7.2) makes fragments of IP out of a segment that is to be cut.
  if [[ $1 != "$old" ]]; then on_taps "a NIC's offloads"; fi
  afresh
  peer_up "$peer/24"
  mtus "$1" "$jumbo"
  ip link delete tagged 2> /dev/null || true
  ip link add link "$peer_nic" name tagged mtu "$((jumbo - 4))" type vlan id "$tag"
  ip address add 10.17.0.254/24 dev tagged
  ip link set tagged up
  if [[ $1 != "$virtio" ]]; then bus "nic:set $1 vlan-filter=$tag vlan-strip=on"; fi
  rm -f /out/wire.pcap
  record /out/wire.pcap "ether src $2"

  job "nic:echo $1 $ours 10.17.0.1 -b"
  found "$ours"
  pinged "$ours" 20 8900 -M "do"
  answers 10.17.0.1 -s 100
  pinged 10.17.0.1 20 56
  pinged 10.17.0.1 20 8900 -M "do"
  ended
  bus "lab:echo $1 $ours"
  exec {echo}<> "/dev/udp/$ours/7"
  echo "checksum me" >&"$echo"
  # In one read: what a reader leaves of a datagram is lost, and the shell's own reads a byte at a time.
  answered=$(timeout 20 dd bs=2048 count=1 status=none <&"$echo") || fail "no answer by UDP"
  exec {echo}>&-
  is "what UDP echoes" "$answered" "checksum me"
  bus "lab:silence $1"
  bus "lab:segment $1 52:54:00:00:00:fe $ours $peer 30000 1448 -1"
  if [[ $1 != "$virtio" ]]; then bus "lab:segment $1 52:54:00:00:00:fe 10.17.0.1 10.17.0.254 30000 8000 $tag"; fi
  # What comes last is in the file: so is all that came before it.
  bus "lab:echo $1 $ours"
  answers "$ours" -p 6c617374 -s 400
  within 30 "grep -q lastlastlast /out/wire.pcap" "the last frame is recorded"
  bus "lab:silence $1"
  recorded
  ip link delete tagged

  dissect /out/wire.pcap
  is "wrong checksums" "$(seen 'sums ~ /0/')" 0
  is "jumbo frames" "$(seen 'vlan == "" && icmp == "0" && frame == 8942')" 20
  is "tagged frames" "$(seen "vlan == $tag && icmp == \"0\" && frame == 102")" 20
  is "tagged jumbo frames" "$(seen "vlan == $tag && icmp == \"0\" && frame == 8946")" 20
  is "datagrams of UDP with their checksums" "$(seen 'udp == 7 && $7 == 20 && $15 == 1')" 1
  segments "" 30000 1448
  if [[ $1 != "$virtio" ]]; then segments "$tag" 30000 8000; fi
}

# segments TAG BYTES EACH: one large packet has come as several, each right and in its place
segments() {
  awk -F '|' -v tag="$1" -v bytes="$2" -v each="$3" '
    function bad(why) { print "segment " n ": " why; failed = 1; exit 1 }
    BEGIN {
      for (i = 0; i < 251; i++) cycle = cycle sprintf("%02x", i)
      while (length(pattern) < 2 * bytes) pattern = pattern cycle
    }
    $2 != tag || $8 != 9 { next }
    { n++; gsub(":", "", $17); last = at + each >= bytes }
    $9 != 1 + at { bad("sequence number " $9 ", not " 1 + at) }
    $10 != (last ? bytes - at : each) { bad($10 " bytes") }
    $1 != $10 + (tag == "" ? 54 : 58) { bad("a frame of " $1 " bytes for " $10) }
    ids[$11]++ { bad("identification " $11 " again") }
    ($12 == "1" || $12 == "True") != last { bad("PSH is " $12) }
    $13 != 1 || $16 != 1 { bad("checksums of IP and TCP are " $13 " and " $16 ", not right") }
    $17 != substr(pattern, 2 * at + 1, 2 * $10) { bad("its bytes are others") }
    { at += $10 }
    END {
      if (!failed && at != bytes) { print at " bytes of " bytes; exit 1 }
      if (!failed) print bytes " bytes of TCP in " n " segments"
    }' /run/seen > /run/segments || fail "$(< /run/segments)"
  note "$(< /run/segments)${1:+, with tag $1}"
}
