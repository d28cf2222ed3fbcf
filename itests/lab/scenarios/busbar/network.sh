# The 82574L in slot 4 answers the guest kernel's own NIC; then it is yanked.
ours=10.7.0.1

answers() {
  bound 4 "$(e1000e h0 01)"
  peer_up 10.7.0.254/24
  within 60 "bus nic:list && [[ \$answer == *Mb/s* ]]" "the link is up"
  bus "lab:echo $nic $ours"
  ping -c 1 -W 20 -q "$ours" > /dev/null || fail "no answer to ARP or ping"
  all_answered 50 -i 0.05 "$ours"
  all_answered 20 -i 0.05 -s 1400 "$ours"
  is "the kernel's ARP entry" "$(ip neighbour show "$ours" | grep -o 'lladdr [0-9a-f:]*')" "lladdr 52:54:00:00:00:01"
}
scenario "Frames from the NIC driver reach the kernel's own NIC and back: ARP and ping answered" answers

neighbour() {
  local pinger
  bound 2 "$(nvme n0 N0)"
  bus "lab:hammer $first 32"
  bus "lab:progress $first 100"
  all_answered 100 -i 0.1 "$ours" &
  pinger=$!
  surprise_pull 2
  bus "lab:ended $first"
  insert 2 "$(nvme n0 N1)"
  state "$first" bound
  wait "$pinger"
}
scenario "An NVMe yanked and replaced beside the NIC costs no ping" neighbour

nic_yanked() {
  local pinger
  bound 2 "$(nvme n0 N1)"
  bus "lab:hammer $first 8"
  ping -c 1000 -i 0.05 -q "$ours" > /run/ping &
  pinger=$!
  wait_for "(( \$(cat /sys/class/net/$(peer_interface)/statistics/rx_packets) > 10 ))" 20
  surprise_pull 4
  state "$nic" gone
  kill -INT "$pinger"
  wait "$pinger" || true
  bus "lab:silence $nic"
  says "gone: "
  note "$answer"
  bus "lab:progress $first 100"
  insert 4 "$(e1000e h1 02)"
  state "$nic" bound
  within 60 "bus nic:list && [[ \$answer == *52:54:00:00:00:02*Mb/s* ]]" "the link is up"
  bus "lab:echo $nic $ours"
  ip neighbour flush dev "$(peer_interface)"
  all_answered 20 -i 0.1 "$ours"
  bus "lab:silence $nic"
  bus "lab:stop $first"
}
scenario "A NIC yanked under ping, the next one answers; the NVMe beside it works on" nic_yanked
