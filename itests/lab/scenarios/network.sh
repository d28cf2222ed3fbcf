# A hot-plugged 82574L (e1000e) and a virtio-net driven by the guest kernel in network namespaces of their own, and the
# peer: all on one hub, each pings the peer. `itests/lab/lab run itests/lab/scenarios/network.sh`
. "$LAB_GUEST/lib.sh"
set -euo pipefail
modprobe e1000e
insert 1 e1000e,netdev=h0,mac=52:54:00:00:00:01
insert 2 virtio-net-pci,netdev=h1,mac=52:54:00:00:00:02,disable-legacy=on,iommu_platform=on,romfile=
peer_up 10.7.0.254/24
echo "peer is $(peer_interface)"

interface() { grep -l "52:54:00:00:00:0$1" /sys/class/net/*/address 2> /dev/null | cut -d / -f 5; }
for i in 1 2; do
  wait_for "[ -n \"\$(interface $i)\" ]" 20
  name=$(interface $i)
  echo "slot $i: $name, driver $(basename "$(readlink "/sys/class/net/$name/device/driver")"), $(lspci -s "$(slot_address $i)")"
  ip netns add "ns$i"
  ip link set "$name" netns "ns$i"
  ip -n "ns$i" address add "10.7.0.$i/24" dev "$name"
  ip -n "ns$i" link set "$name" up
  wait_for "ip -n ns$i link show $name | grep -q LOWER_UP" 20
  ip netns exec "ns$i" ping -c 5 -i 0.2 -W 5 -q 10.7.0.254
  ip netns exec "ns$i" ping -c 3 -i 0.2 -W 5 -q -s 1400 10.7.0.254
done
