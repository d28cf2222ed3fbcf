# Cards are pulled, taken away in order and reset, and controllers fail, at depth 128 on two queues, again and again: each request
# ends exactly once, what is read is what was written, and nothing leaks. By an ordinary user; root plays the administrator.
fault_seconds=${fault_seconds:-45}
depth=128

# given SLOT CARD: what an administrator does so that a user may drive a card
given() {
  local address
  address=$(slot_address "$1")
  card "$1" "$2"
  if [ "$(kernel_driver "$address")" != vfio-pci ]; then driver_bind "$address" vfio-pci; fi
  chown 65534:65534 "/dev/vfio/$(iommu_group "$address")"
  bus "pci:attach $address"    # Busbar may have asked three times before the user was allowed
  state "$address" bound
}

hammered() {
  bus "lab:hammer $first $depth 2"
  bus "lab:progress $first 500"
}

# lost_and_back CYCLE insert|rescan: its I/O has ended with it; another card in the slot, or the same one found again, binds
lost_and_back() {
  bus "lab:ended $first"
  ended=$answer
  within 20 "absent $first"
  if [ "$2" = rescan ]; then pci_rescan; fi
  given 2 "$(nvme n0 "F$1")"
  bus "nvme:list"
  says "$first/n1"
  if [ "$2" = insert ]; then says " F$1"; fi
}

pulled() { surprise_pull 2 && lost_and_back "$1" insert; }
switched_off() { slot_power 2 off && lost_and_back "$1" insert; }
forgotten() { pci_remove "$first" && lost_and_back "$1" rescan; }

# worked_on: its I/O has gone on, on the same binding
worked_on() {
  bus "lab:progress $first 500" 120
  is "generation" "$(shown "$first" generation)" "$generation"
  bus "lab:stop $first"
  ended=$answer
}

reset() {
  generation=$(shown "$first" generation)
  bus "lab:reset $first"
  worked_on
}

# failing: with bus mastering off the controller cannot fetch commands, and reports a fatal status (CSTS.CFS)
failing() {
  generation=$(shown "$first" generation)
  setpci -s "$first" COMMAND=0:4
  wait_for false 0.3 2> /dev/null || true
  setpci -s "$first" COMMAND=4:4
  worked_on
  bus "lab:controller $first"
  note "$answer"
}

cycles_of() {  # KIND FUNCTION
  local cycle=0 until=$((SECONDS + fault_seconds / 5))
  rm -f /run/fault-descriptors
  while ((cycle < 2 || SECONDS < until)); do
    cycle=$((cycle + 1))
    given 2 "$(nvme n0 F0)"
    hammered
    "$2" "$cycle"
    note "$1 $cycle: $ended"
    echo "$(descriptors) $(vfio_descriptors) $(vfio_mappings)" >> /run/fault-descriptors
  done
  note "open files, those of VFIO and events, mappings: $(tr '\n' ',' < /run/fault-descriptors)"
  is "after the last cycle" "$(tail -n 1 /run/fault-descriptors)" "$(head -n 1 /run/fault-descriptors)"
}
scenario "Yanked at depth 128 on two queues, again and again: each request ends once, nothing leaks" cycles_of yank pulled
scenario "Switched off at depth 128 on two queues, again and again: each request ends once, nothing leaks" cycles_of off switched_off
scenario "Removed by the kernel at depth 128 on two queues, again and again: each request ends once, nothing leaks" cycles_of removal forgotten
scenario "Reset at depth 128 on two queues, again and again: each request ends once, nothing leaks" cycles_of reset reset
scenario "Failing at depth 128 on two queues, again and again: each request ends once, nothing leaks" cycles_of failure failing
