# QEMU's models of the 82540EM and the 82545EM, which are conventional PCI and interrupt by their pin, in slot 3.
old_card() { # MODEL NETDEV MAC
  bound 3 "$1,netdev=$2,mac=$3,romfile="
  note "$(lspci -nn -s "$old"), IOMMU group $(iommu_group "$old")"
  linked "$old" "$3"
}

emptied() {
  surprise_pull 3
  state "$old" gone
  within 20 "slot_idle 3"
}

em0=52:54:00:00:00:07 em5=52:54:00:00:00:08
scenario "82540EM: its port is there, with its link up" old_card e1000 h2 "$em0"
scenario "82540EM through nic:echo: 5,000 pings of 56 to 8,900 bytes, none lost" echoed "$old" "$em0"
scenario "82540EM through nic:tap: 5,000 pings of 56 to 8,900 bytes, none lost; iperf3 both ways" tapped "$old" tap0 "$em0"
scenario "82540EM on the kernel's wire: jumbo frames, tags, checksums and TCP segments, by tshark" on_wire "$old" "$em0"
scenario "82540EM: pulled" emptied
scenario "82545EM: its port is there, with its link up" old_card e1000-82545em h2 "$em5"
scenario "82545EM through nic:echo: 5,000 pings of 56 to 8,900 bytes, none lost" echoed "$old" "$em5"
scenario "82545EM through nic:tap: 5,000 pings of 56 to 8,900 bytes, none lost; iperf3 both ways" tapped "$old" tap0 "$em5"
scenario "82545EM on the kernel's wire: jumbo frames, tags, checksums and TCP segments, by tshark" on_wire "$old" "$em5"
scenario "82545EM: pulled" emptied
