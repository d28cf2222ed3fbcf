# An ordinary user, without any privilege.
. "$scenarios/ordinary.sh"
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

scenario "RLIMIT_MEMLOCK too small is named, and enough again is enough" too_little_memory

stop_busbar
user_ended() {
  is "exit status" "$bus_status" 0
  is "kernel driver" "$(kernel_driver "$mine")" vfio-pci
}
scenario "What was on vfio-pci before is left there" user_ended
