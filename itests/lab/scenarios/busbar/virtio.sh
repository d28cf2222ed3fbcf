# A virtio-net in slot 5, driven through VFIO, answers the guest kernel's own NIC; then it is yanked, and its driver leaves.
virtio=$(slot_address 5)
virtio_ip=10.8.0.1

virtio_net() { echo "virtio-net-pci,netdev=$1,mac=52:54:00:00:00:$2,disable-legacy=on,iommu_platform=on,romfile="; }

virtio_answers() {
  local size
  # By address: the kernel's own NIC has the same IDs.
  configure "claims = 1b36:0010, 8086:10d3, $virtio"
  drop "$jars/virtio-net-driver-bundle.jar"
  bound 5 "$(virtio_net h2 05)"
  peer_up 10.8.0.254/24
  within 60 "bus nic:list && [[ \$answer == *52:54:00:00:00:05*Mb/s* ]]" "the link is up"
  bus "lab:echo $virtio $virtio_ip"
  ping -c 1 -W 20 -q "$virtio_ip" > /dev/null || fail "no answer to ARP or ping"
  for size in 56 1400; do
    all_answered 200 -i 0.02 -s "$size" "$virtio_ip"
  done
  is "the kernel's ARP entry" "$(ip neighbour show "$virtio_ip" | grep -o 'lladdr [0-9a-f:]*')" \
    "lladdr 52:54:00:00:00:05"
}
scenario "virtio-net through VFIO: frames reach the kernel's own NIC and back, ARP and ping answered" virtio_answers

virtio_yanked() {
  local pinger
  ping -c 1000 -i 0.05 -q "$virtio_ip" > /run/ping &
  pinger=$!
  wait_for "(( \$(cat /sys/class/net/$(peer_interface)/statistics/rx_packets) > 10 ))" 20
  surprise_pull 5
  state "$virtio" gone
  kill -INT "$pinger"
  wait "$pinger" || true
  bus "lab:silence $virtio"
  says "gone: "
  note "$answer"
  insert 5 "$(virtio_net h3 06)"
  state "$virtio" bound
  within 60 "bus nic:list && [[ \$answer == *52:54:00:00:00:06*Mb/s* ]]" "the link is up"
  bus "lab:echo $virtio $virtio_ip"
  ip neighbour flush dev "$(peer_interface)"
  all_answered 20 -i 0.1 "$virtio_ip"
  bus "lab:silence $virtio"
}
scenario "A virtio-net yanked under ping, the next one answers" virtio_yanked

virtio_driver_leaves() {
  withdraw virtio-net-driver-bundle.jar
  state "$virtio" unbound
  state "$first" bound 5
  state "$nic" bound 5
  surprise_pull 5
  state "$virtio" gone
  configure "claims = 1b36:0010, 8086:10d3"
  within 20 "slot_idle 5"
}
scenario "The virtio-net driver leaves and gives up its card only" virtio_driver_leaves
