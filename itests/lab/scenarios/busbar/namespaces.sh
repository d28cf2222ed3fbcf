# Namespaces of a subsystem with two controllers: one of them is driven as always, the other one by the lab's own driver, which
# changes what is attached to the first behind its driver's back.
anchor=0000:00:1a.0

# pooled: a controller of the pool in slot 2, driven; its identifier in $id
pooled() {
  given 2 "nvme,serial=POOL,subsys=pool"
  bus "lab:controllerid $first"
  id=$(sed -n 's/^controller //p' <<< "$answer")
}

anchored() {
  driver_bind "$anchor" vfio-pci
  chown 65534:65534 "/dev/vfio/$(iommu_group "$anchor")"
  echo "driverOverride = $anchor=nvme-compliance" > "$userhome/conf/org.busbar.core.cfg"
  : > "$userhome/conf/org.busbar.lab.compliance.cfg"
  bus "pci:attach $anchor" || true
  state "$anchor" bound
  if [ -e "/sys/bus/pci/devices/$first" ]; then slot_power 2 off; state "$first" gone; within 20 "absent $first"; fi
  pooled
  bus "lab:appears $first/n1"
  bus "nvme:list"
  says "$first/n1"
  [[ $answer != *"$first/n2"* ]] || fail "n2 is not attached and yet offered: $answer"
}
scenario "A card of a subsystem with two controllers offers the namespace that is attached, and not the other" anchored

attached_here() {
  pooled
  bus "lab:hammer $first/n1 8"
  bus "lab:attach $first 2"
  bus "lab:appears $first/n2"
  bus "nvme:perf $first/n2 --rw randrw --bs 4k --size 1m --depth 8 --time 1s --verify --write --json"
  bus "lab:detach $first 2"
  bus "lab:disappears $first/n2"
  bus "lab:progress $first/n1 100"
  bus "lab:stop $first/n1"
  note "$answer"
}
scenario "A namespace attached and detached through its driver comes and goes as a service, its neighbour works on" attached_here

attached_elsewhere() {
  local round
  pooled
  bus "lab:hammer $first/n1 8"
  for round in 1 2 3; do
    bus "lab:attachment $anchor 0 2 $id"
    bus "lab:appears $first/n2"
    bus "nvme:perf $first/n2 --rw randrw --bs 4k --size 1m --depth 8 --total 1m --verify --write --json"
    bus "lab:attachment $anchor 1 2 $id"
    bus "lab:disappears $first/n2"
  done
  bus "lab:progress $first/n1 100"
  bus "lab:stop $first/n1"
  note "$answer"
}
scenario "A namespace attached and detached by another controller is noticed by the event, three times" attached_elsewhere

both_gone() {
  local round
  pooled
  for round in 1 2; do
    bus "lab:attachment $anchor 0 2 $id"
    bus "lab:appears $first/n2"
    bus "lab:hammer $first/n2 32"
    bus "lab:progress $first/n2 200"
    bus "lab:detach $first 2"
    bus "lab:disappears $first/n2"
    bus "lab:ended $first/n2"
    note "$answer"
  done
}
scenario "A namespace detached under I/O: each request ends once" both_gone

pool_removed() {
  slot_power 2 off
  state "$first" gone
  bus "lab:disappears $first/n1"
  within 20 "absent $first"
  rm "$userhome/conf/org.busbar.lab.compliance.cfg" "$userhome/conf/org.busbar.core.cfg"
  bus "pci:await $anchor present"
}
scenario "The card goes with its namespaces" pool_removed
