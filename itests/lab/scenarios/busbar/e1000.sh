# QEMU's models of the 82540EM and the 82545EM, which are conventional PCI and interrupt by their pin, in slot 5; and the 82574L
# in slot 4: pings of all sizes, a VLAN, checksums and resets, with the guest kernel's own NIC as the other side.
old_ip=10.9.0.1
old=$(slot_address 5)

# pings IP COUNT SIZE...: none may be lost
pings() {
  local size
  for size in "${@:3}"; do
    ping -c "$2" -i 0.01 -W 10 -M "do" -s "$size" -q "$1" > /run/ping || fail "$size bytes: $(tail -n 3 /run/ping)"
    note "$size bytes: $(tail -n 2 /run/ping | tr '\n' ' ')"
    grep -q "$2 received" /run/ping || fail "$size bytes: $(tail -n 3 /run/ping)"
  done
}

# exercise ADDRESS IP MAC: echo on the port, everything asked of it from the kernel's side
exercise() {
  local peer answered
  peer=$(peer_interface)
  peer_up "${2%.*}.254/24"
  within 60 "bus nic:list && [[ \$answer == *$3*Mb/s* ]]" "the link is up"
  bus "lab:echo $1 $2"
  ping -c 1 -W 20 -q "$2" > /dev/null || fail "no answer to ARP or ping"
  pings "$2" 200 56 1400
  bus "lab:mtu $1 9000"
  ip link set "$peer" mtu 9000
  pings "$2" 200 1473 4000 8900

  # The kernel looks at both checksums of what comes back; the port has filled them in.
  exec {echo}<> "/dev/udp/$2/7"
  echo "checksum me" >&"$echo"
  IFS= read -r -t 20 answered <&"$echo" || fail "no answer by UDP"
  exec {echo}>&-
  is "what UDP echoes" "$answered" "checksum me"

  # Tags go in and out on both sides; without the port's help the kernel's VLAN interface would hear nothing.
  modprobe 8021q
  ip link delete vlan100 2> /dev/null || true
  ip link add link "$peer" name vlan100 mtu 1500 type vlan id 100
  ip address add "${2%.*.*}.100.254/24" dev vlan100
  ip link set vlan100 up
  bus "lab:vlan $1 100"
  bus "lab:silence $1"
  bus "lab:echo $1 ${2%.*.*}.100.1"
  ping -c 1 -W 20 -q "${2%.*.*}.100.1" > /dev/null || fail "no answer to ARP or ping in VLAN 100"
  pings "${2%.*.*}.100.1" 100 56 1400
  bus "lab:reset $1"
  ping -c 1 -W 20 -q "${2%.*.*}.100.1" > /dev/null || fail "no answer after a reset"
  pings "${2%.*.*}.100.1" 100 56 1400
  ip link delete vlan100
  ip link set "$peer" mtu 1500
  bus "lab:silence $1"
  says stopped
  note "$answer"
}

old_card() { # MODEL NETDEV MAC
  bound 5 "$1,netdev=$2,mac=52:54:00:00:00:$3,romfile="
  note "$(lspci -nn -s "$old"), IOMMU group $(iommu_group "$old")"
  exercise "$old" "$old_ip" "52:54:00:00:00:$3"
  surprise_pull 5
  state "$old" gone
  within 20 "slot_idle 5"
}
scenario "82540EM: pings of 56 to 8,900 bytes, checksums, a VLAN and a reset" old_card e1000 h2 07
scenario "82545EM: pings of 56 to 8,900 bytes, checksums, a VLAN and a reset" old_card e1000-82545em h2 08

new_card() {
  bound 4 "$(e1000e h1 02)"
  exercise "$nic" 10.10.0.1 52:54:00:00:00:02
}
scenario "82574L: pings of 56 to 8,900 bytes, checksums, a VLAN and a reset" new_card
