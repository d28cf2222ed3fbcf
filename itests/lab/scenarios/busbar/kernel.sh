# Kernel drivers: left alone without a claim, taken from with one, given back after it. The card: an 82574L in slot 6.
tenant=$(slot_address 6)
modprobe e1000e

left_alone() {
  configure "claims = 1b36:0010, $nic"
  insert 6 "$(e1000e h3 06)"
  bus "pci:await $tenant present"
  within 30 "[ \"\$(kernel_driver $tenant)\" = e1000e ]"
  bus "pci:rescan"
  bus "pci:settle 30"
  bus "pci:why $tenant"
  says "no claim rule names it"
  note "$answer"
  is "override" "$(override "$tenant")" "(null)"
  is "kernel driver" "$(kernel_driver "$tenant")" e1000e
  is "probes" "$(shown "$tenant" probes)" 0
  bus "pci:list"
  [[ $answer == *"$tenant"*"(e1000e)"* ]] || fail "its kernel driver is not shown: $answer"
}
scenario "A kernel driver's device is listed and left alone without a claim" left_alone

taken() {
  configure "claims = 1b36:0010, $nic, $tenant"
  state "$tenant" bound
  is "kernel driver" "$(kernel_driver "$tenant")" vfio-pci
}
scenario "A claim rule takes it from its kernel driver" taken

bound_again() {
  echo "$tenant" > /sys/bus/pci/drivers/vfio-pci/unbind
  state "$tenant" ejecting
  is "kernel driver" "$(kernel_driver "$tenant")" ""
  echo "$tenant" > /sys/bus/pci/drivers/vfio-pci/bind
  state "$tenant" bound
}
scenario "Somebody unbinds it from vfio-pci and binds it there again: given up, and driven again" bound_again

given_back() {
  configure "claims = 1b36:0010, $nic"
  state "$tenant" denied
  within 30 "[ \"\$(kernel_driver $tenant)\" = e1000e ]"
  is "override" "$(override "$tenant")" "(null)"
  within 20 "grep -q 52:54:00:00:00:06 /sys/class/net/*/address" "the kernel's interface is back"
  bus "pci:why $tenant"
  says "no claim rule names it"
}
scenario "It is given back when the rule goes" given_back

shared_group() {
  local disk=${tenant%.0}.0 other=${tenant%.0}.1
  surprise_pull 6
  within 20 "absent $tenant"
  wait_for "slot_idle 6" 20
  # Function 1 first: the slot notices a card when its function 0 comes.
  qmp device_add "{$(device_json "$(e1000e h3 07)"), \"id\": \"slot6b\", \"bus\": \"rp6\", \"addr\": \"0.1\", \"multifunction\": true}" \
    > /dev/null
  insert_now 6 "$(nvme n3 G1),multifunction=on"
  within 20 "[ \"\$(kernel_driver $other)\" = e1000e ]"
  is "group of both" "$(iommu_group "$disk")" "$(iommu_group "$other")"
  bus "pci:await $disk present"
  why_says "$disk" "is in the same IOMMU group"
  says "$other"
  note "$answer"
  is "kernel driver" "$(kernel_driver "$other")" e1000e
  configure "claims = 1b36:0010, $nic, $other"
  state "$disk" bound
  state "$other" bound
  bus "lab:hammer $disk 8"
  bus "lab:progress $disk 50"
  bus "lab:stop $disk"
  configure "claims = 1b36:0010, 8086:10d3"
}
scenario "A group shared with a kernel driver's device is refused, and works with a rule for both" shared_group
