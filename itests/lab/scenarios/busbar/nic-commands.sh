# The commands for network ports on an 82574L in slot 4 and a virtio-net in slot 5, with the kernel's own NIC and each other.
mac4=52:54:00:00:00:01 mac5=52:54:00:00:00:05

cards() {
  bus "pci:list" 180
  bound 4 "$(e1000e h0 01)"
  bound 5 "$(virtio_net 05)"
  peer_up "$peer/24"
  linked "$nic" "$mac4"
  linked "$virtio" "$mac5"
  bus "nic:show $nic"
  says "$mac4"
  bus "nic:show -j $virtio"
  says "\"mac\": \"$mac5\""
}
scenario "Ports of an 82574L and a virtio-net are there, with their links up" cards
scenario "82574L through nic:echo: 5,000 pings of 56 to 8,900 bytes, none lost" echoed "$nic" "$mac4"
scenario "82574L through nic:tap: 5,000 pings of 56 to 8,900 bytes, none lost; iperf3 both ways" tapped "$nic" tap1 "$mac4"
scenario "82574L on the kernel's wire: jumbo frames, tags, checksums and TCP segments, by tshark" on_wire "$nic" "$mac4"
scenario "virtio-net through nic:echo: 5,000 pings of 56 to 8,900 bytes, none lost" echoed "$virtio" "$mac5"
scenario "virtio-net through nic:tap: 5,000 pings of 56 to 8,900 bytes, none lost; iperf3 both ways" tapped "$virtio" tap2 "$mac5"
scenario "virtio-net on the kernel's wire: jumbo frames, tags, checksums and TCP segments, by tshark" on_wire "$virtio" "$mac5"

captured() {
  local echo
  afresh
  mtus "$nic" 1500
  job "nic:echo $nic $ours -b"
  echo=$job
  found "$ours"
  # Every port sees every frame.
  rm -f /out/pings.pcapng
  job "nic:capture $virtio /out/pings.pcapng -c 40 -b"
  ping -c 30 -i 0.02 -W 20 -q "$ours" > /dev/null
  bus "nic:await $job"
  says "frames"
  bus "nic:stop $echo"
  capinfos -t -c -M /out/pings.pcapng > /run/capinfos || fail "capinfos: $(cat /run/capinfos)"
  note "$(tr '\n' ' ' < /run/capinfos)"
  grep -q 'pcapng' /run/capinfos
  is "frames" "$(awk '/Number of packets/ {print $NF}' /run/capinfos)" 40
  tshark -r /out/pings.pcapng -Y "icmp.type == 0 && ip.src == $ours" -T fields -e frame.number > /run/replies 2> /dev/null
  tshark -r /out/pings.pcapng -o ip.check_checksum:TRUE -Y "ip.checksum.status == 0 || icmp.checksum.status == 0" \
    > /run/bad 2> /dev/null
  (($(wc -l < /run/replies) >= 15)) || fail "only $(wc -l < /run/replies) replies in the file"
  if [ -s /run/bad ]; then fail "tshark finds bad checksums: $(head -n 2 /run/bad)"; fi
}
scenario "nic:capture: tshark reads what went over the wire, and finds every checksum right" captured

replayed() {
  local before counter=/sys/class/net/$peer_nic/statistics/rx_packets
  # Half of the frames are for the port's own address.
  ip link set dev "$peer_nic" promisc on
  before=$(< "$counter")
  bus "nic:replay $nic /out/pings.pcapng --fast -l 10"
  note "$(tr '\n' ' ' <<< "$answer")"
  within 20 "(( \$(< $counter) - $before >= 400 ))" "the kernel has counted 400"
  ip link set dev "$peer_nic" promisc off
}
scenario "nic:replay: what was captured goes out again, and the kernel's NIC counts all of it" replayed

checked() {
  local count=20000
  afresh
  job "nic:sink $1 -c $count -t 120 -b"
  bus "nic:generate $2 --to $1 -c $count -s 60,512,1514 -r 4000" 180
  note "sent: $(tr '\n' ' ' <<< "$answer")"
  bus "nic:await $job" 180
  note "received: $(tr '\n' ' ' <<< "$answer")"
}
scenario "nic:generate to nic:sink, 82574L to virtio-net: 20,000 frames, none lost, doubled or damaged" checked "$virtio" "$nic"
scenario "nic:generate to nic:sink, virtio-net to 82574L: 20,000 frames, none lost, doubled or damaged" checked "$nic" "$virtio"
