# Cards are yanked under I/O, again and again, beside one that must not notice.
cycles=${cycles:-10}

yanked() {
  local cycle files maps inserted
  bound 2 "$(nvme n0 Y0)"
  bound 3 "$(nvme n1 B1)"
  bus "lab:hammer $second 8"
  for ((cycle = 1; cycle <= cycles; cycle++)); do
    bus "lab:hammer $first 32"
    bus "lab:progress $first 300"
    surprise_pull 2
    bus "lab:ended $first"
    note "$answer"
    state "$first" gone
    within 20 "absent $first"
    bus "lab:progress $second 100"
    inserted=$EPOCHREALTIME
    insert 2 "$(nvme n0 "Y$cycle")"
    inserted=$EPOCHREALTIME
    state "$first" bound
    timeline "$first" "$inserted"
    bus "lab:same $first $far /out/inside"
    bus "nvme:list"
    says "Y$cycle"
    echo "$(descriptors) $(vfio_descriptors) $(vfio_mappings)" >> /run/descriptors
  done
  bus "lab:stop $second"
  note "the card beside: $answer"
}
rm -f /run/descriptors
scenario "Yanked under I/O at depth 32, ten times: each request ends once, the next card binds, its neighbour works on" yanked

flat() {
  note "open files, those of VFIO and events, mappings, by cycle: $(tr '\n' ',' < /run/descriptors)"
  is "number of cycles" "$(wc -l < /run/descriptors)" "$cycles"
  is "after the last cycle" "$(tail -n 1 /run/descriptors)" "$(sed -n 2p /run/descriptors)"
}
scenario "No file and no mapping is left behind by ten cycles" flat
