# A driver jar arrives at a running Busbar; cards come and go in order.
first=$(slot_address 2) second=$(slot_address 3) nic=$(slot_address 4)
mebibyte=2048                                           # blocks
far=$((64 * mebibyte))                                  # a block that the hammer does not reach

install_busbar
mkdir -p /run/home/conf /run/home/drivers
head -c 1M /dev/urandom > /out/outside
dd if=/out/outside of=/out/n0.img bs=1M conv=notrunc status=none
head -c 1M /dev/urandom > /out/inside

cp "$busbar/conf/logback.xml" /run/home/conf/
echo "claims = 1b36:0010" > /run/home/conf/org.busbar.pci.linux.cfg
started=$EPOCHREALTIME
start_busbar /run/home

starts() {
  bus "pci:list" 180
  note "from start to the first answer: $(since "$started") s"
  says "$(slot_port 2)"
  bus "pci:drivers"
  says "no drivers"
}
scenario "Busbar starts and lists the machine's functions" starts

no_driver_yet() {
  insert 2 "$(nvme n0 A1)"
  state "$first" unbound
  bus "pci:why $first"
  says "No driver matches 1b36:0010"
  is "kernel driver" "$(kernel_driver "$first")" ""
}
scenario "A card without a driver is listed and left alone" no_driver_yet

jar_dropped() {
  local dropped=$EPOCHREALTIME
  drop "$jars/nvme-driver-bundle.jar"
  state "$first" bound
  note "from the jar's arrival in drivers/ to bound: $(milliseconds "$dropped") ms (the folder is looked at every 500 ms)"
  is "kernel driver" "$(kernel_driver "$first")" vfio-pci
  bus "nvme:list"
  says "QEMU NVMe Ctrl"
  says A1
}
scenario "nvme jar dropped into drivers/ binds a real NVMe through VFIO" jar_dropped

data_in() { bus "lab:same $first 0 /out/outside"; }
scenario "What was written from outside is read through the driver" data_in

data_out() {
  bus "lab:put $first $far /out/inside"
  cmp -n $((1 << 20)) -i 0:$((far * 512)) /out/inside /out/n0.img
  bus "lab:same $first $far /out/inside"
}
scenario "What is written through the driver is found outside" data_out

hot_insert() {
  local inserted
  inserted=$EPOCHREALTIME
  insert 3 "$(nvme n1 B1)"
  state "$second" bound
  timeline "$second" "$inserted"
  bus "pci:tree -j"
  says uevents
}
# timeline ADDRESS FROM: how long after a moment it was bound, and how much of that was Busbar's
timeline() {
  local added bound
  bound=$(shown "$1" since)
  bus "pci:events -j -n 40"
  added=$(grep -B 3 DEVICE_ADDED <<< "$answer" | sed -n 's/.*"time": "\(.*\)".*/\1/p' | tail -n 1)
  awk -v from="$2" -v added="$(date -d "$added" +%s.%N)" -v bound="$bound" 'BEGIN {
    printf "# noticed %.0f ms after insertion, bound %.0f ms after that\n", (added - from) * 1000, bound - added * 1000}'
}
scenario "A hot-inserted card is noticed by its uevent and bound" hot_insert

# gone_in_order ADDRESS: the device was given up before the kernel let it go, and nothing is left of it
gone_in_order() {
  state "$1" gone
  within 20 "absent $1"
  bus "nvme:list"
  [[ $answer != *"$1"* ]] || fail "still offered: $answer"
  bus "pci:events -n 6"
  says "unbound"
  [[ $answer != *stuck* && $answer != *leak* ]] || fail "$answer"
}

attention_button() {
  bound 2 "$(nvme n0 A1)"
  local pressed=$EPOCHREALTIME
  delete 2
  gone_in_order "$first"
  note "from the attention button to gone: $(since "$pressed") s (five of them are the button's)"
  within 20 "! inserted 2"
}
scenario "Orderly removal by device_del" attention_button

slot_switch() {
  bound 2 "$(nvme n0 A2)"
  local from=$EPOCHREALTIME
  slot_power 2 off
  note "switching the slot off took $(since "$from") s"
  gone_in_order "$first"
}
scenario "Orderly removal by the slot's power switch" slot_switch

forgotten_and_found() {
  bound 2 "$(nvme n0 A3)"
  local generation from=$EPOCHREALTIME
  generation=$(shown "$first" generation)
  pci_remove "$first"
  note "the kernel's remove took $(milliseconds "$from") ms"
  gone_in_order "$first"
  pci_rescan
  state "$first" bound
  bus "lab:same $first $far /out/inside"
  [[ $(shown "$first" generation) != "$generation" ]] || fail "still generation $generation"
}
scenario "Removed by the kernel, found again by its rescan" forgotten_and_found

under_load() {
  bound 2 "$(nvme n0 A3)"
  bus "lab:hammer $first 16"
  bus "lab:progress $first 200"
  slot_power 2 off
  gone_in_order "$first"
  bus "lab:ended $first"
  note "$answer"
}
scenario "Orderly removal under I/O: every request ends exactly once" under_load
