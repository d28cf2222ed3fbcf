# Every way in which a card comes and goes, with nothing and with vfio-pci bound; prints how long the kernel takes.
# The lab's own test of slots, QMP and uevents: `itests/lab/lab run itests/lab/scenarios/hotplug.sh`
. "$LAB_GUEST/lib.sh"
set -euo pipefail
failed=0
step() { echo "-- $*"; from=$(now); }
took() { echo "   $(since "$from") s: $*"; }
check() { if eval "$1"; then took "$1"; else echo "   FAILED: $1"; failed=1; fi; }
within() { if wait_for "$1" "$2"; then took "$1"; else failed=1; fi; }

card=$(slot_address 2)
events=/tmp/uevents
uevents_start "$events"
seen() { grep -q " $1 $card" "$events"; }
fresh() { : > "$events"; }

step "insert into slot 2 ($card)"
insert 2 nvme,drive=n0,serial=A1
took "QMP answered"
within "present $card" 10
within "seen add" 10
check "[ -e /sys/bus/pci/devices/$card/resource0 ]"
check "[ -n \"$(iommu_group "$card")\" ]"
took "IOMMU group $(iommu_group "$card") holds $(ls "/sys/bus/pci/devices/$card/iommu_group/devices" | xargs)"
check "[ $(ls "/sys/bus/pci/devices/$card/iommu_group/devices" | wc -l) = 1 ]"

fresh; step "surprise pull, nothing bound"
surprise_pull 2
took "setpci done"
within "absent $card" 10
within "seen remove" 10
within "! inserted 2" 5

step "insert again"
insert 2 nvme,drive=n0,serial=A2
within "present $card" 10

fresh; step "device_del, nothing bound (the attention button's five seconds)"
delete 2
took "QMP answered"
within "absent $card" 15
within "! inserted 2" 15

step "insert again"
insert 2 nvme,drive=n0,serial=A3
within "present $card" 10

fresh; step "pci_remove and pci_rescan"
pci_remove "$card"
check "absent $card"
check "inserted 2"
pci_rescan
within "present $card" 10

fresh; step "slot_power off, nothing bound"
slot_power 2 off
took "the write returned"
check "absent $card"
within "! inserted 2" 5

fresh; step "insert with the slot's power off"
insert 2 nvme,drive=n0,serial=A4
within "present $card" 15

fresh; step "swap: another card as soon as the slot takes it"
surprise_swap 2 e1000e,netdev=h1,mac=52:54:00:00:00:02
took "swapped"
within "seen remove && seen add" 10
within "present $card" 10
check "[ \"\$(cat /sys/bus/pci/devices/$card/device)\" = 0x10d3 ]"

step "vfio-pci bound"
driver_bind "$card" vfio-pci
took "driver_bind"
check "[ -c /dev/vfio/$(iommu_group "$card") ]"

fresh; step "surprise pull with vfio-pci bound, device not open"
surprise_pull 2
within "absent $card" 10

step "two cards at once"
insert 3 e1000e,netdev=h0,mac=52:54:00:00:00:01
insert 4 nvme,drive=n2,serial=C1
within "present $(slot_address 3) && present $(slot_address 4)" 10
check "[ $(iommu_group "$(slot_address 3)") != $(iommu_group "$(slot_address 4)") ]"

step "mistakes are reported"
check "! insert 4 nvme,drive=n3,serial=D1 2> /tmp/mistake"
check "grep -q 'slot 4 holds a card' /tmp/mistake"
check "! insert_now 5 no-such-card 2> /tmp/mistake"
check "grep -q 'lab: device_add: .*error' /tmp/mistake"
check "! surprise_pull 6 2> /tmp/mistake"
check "grep -q 'slot 6 is empty' /tmp/mistake"
check "! wait_for false 0.2 2> /dev/null"

uevents_stop
exit $failed
