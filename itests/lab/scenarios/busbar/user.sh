# An ordinary user, without any privilege: needs a card on vfio-pci and its group's file.
user=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all
  prlimit --memlock=8388608)
mine=$(slot_address 3)
userhome=/run/user-home
mkdir -p "$userhome/conf" "$userhome/drivers"
cp "$busbar/conf/logback.xml" "$userhome/conf/"
cp "$jars/nvme-driver-bundle.jar" "$userhome/drivers/"
echo "useVfioBound = true" > "$userhome/conf/org.busbar.pci.linux.cfg"
chown -R 65534:65534 "$userhome"
card 3 "$(nvme n1 B1)"
driver_bind "$mine" vfio-pci
dd if=/out/outside of=/out/n1.img bs=1M conv=notrunc status=none
start_busbar "$userhome" "${user[@]}"
group=/dev/vfio/$(iommu_group "$mine")

no_permission() {
  bus "pci:list" 180
  says "$mine"
  grep -q '^Uid:\s65534' "/proc/$bus_pid/status"
  why_says "$mine" "no permission to open $group"
  note "$answer"
}
scenario "An ordinary user lists the bus; without permission for the group it is said what to do" no_permission

permitted() {
  chown 65534:65534 "$group"
  bus "pci:attach $mine"
  state "$mine" bound
  bus "lab:same $mine 0 /out/outside"
  bus "lab:hammer $mine 16"
  bus "lab:progress $mine 100"
  bus "lab:stop $mine"
  note "$answer"
}
scenario "An ordinary user drives a card on vfio-pci whose group is his" permitted

too_little_memory() {
  bus "pci:detach $mine"
  prlimit --pid "$bus_pid" --memlock=65536
  bus "pci:attach $mine" || true
  why_says "$mine" RLIMIT_MEMLOCK
  note "$answer"
  says "64 KiB"
  prlimit --pid "$bus_pid" --memlock=8388608
  bus "pci:attach $mine"
  state "$mine" bound
}
scenario "RLIMIT_MEMLOCK too small is named, and enough again is enough" too_little_memory

stop_busbar
user_ended() {
  is "exit status" "$bus_status" 0
  is "kernel driver" "$(kernel_driver "$mine")" vfio-pci
}
scenario "What was on vfio-pci before is left there" user_ended
