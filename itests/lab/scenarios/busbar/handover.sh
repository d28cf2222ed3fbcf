# The NVMe driver's jar is replaced by a newer one, again and again, while its cards are in use: by an ordinary user.
handover_rounds=${handover_rounds:-3}
far=$((64 * 2048))                       # a block that the hammer does not reach
core_settings=$userhome/conf/org.busbar.core.cfg

policies() { bus "pci:events -n 100000" && grep -c "policy.changed" <<< "$answer" || true; }
adoptions() { bus "pci:events -n 100000" && grep -c "goes on where its predecessor stopped" <<< "$answer" || true; }

# policy TEXT: puts it in force
policy() {
  local before deadline=$((SECONDS + patience))
  before=$(policies)
  printf '%b\n' "$1" > "$home/new.cfg"
  mv "$home/new.cfg" "$core_settings"
  until (($(policies) > before)); do ((SECONDS < deadline)) || fail "the policy does not come into force: $1"; done
}

# replaced: the driver's jar is, and the card's I/O ends with the old driver
replaced() {
  bus "lab:hammer $first 32"
  bus "lab:progress $first 200"
  drop "$jars/nvme-driver-bundle.jar"
  bus "lab:ended $first"
  note "$answer"
  bus "lab:appears $first/n1"
  bus "pci:settle 60" 90
  state "$first" bound
  bus "lab:same $first $far /out/outside"
}

handed_over() {
  local round before
  given 2 "$(nvme n0 F0)"
  policy "updateGrace = 60000"
  bus "lab:put $first $far /out/outside"
  before=$(adoptions)
  bus "lab:gaps $first/n1"
  for ((round = 1; round <= handover_rounds; round++)); do replaced; done
  bus "lab:gaps $first/n1"
  note "handover on: $answer"
  (($(adoptions) >= before + handover_rounds)) || fail "not adopted each time: $(adoptions) after $before"
  echo "$(descriptors) $(vfio_descriptors)" > /run/handover-descriptors
  replaced
  is "open files, those of VFIO and events" "$(descriptors) $(vfio_descriptors)" "$(< /run/handover-descriptors)"
}
scenario "The driver's jar replaced under I/O: no controller reset, data as written, nothing leaks" handed_over

not_handed_over() {
  local before
  policy "updateGrace = 60000\nhandover = false"
  before=$(adoptions)
  bus "lab:gaps $first/n1"
  replaced
  bus "lab:gaps $first/n1"
  note "handover off: $answer"
  is "adoptions" "$(adoptions)" "$before"
}
scenario "The driver's jar replaced under I/O with handover off: the controller is reset" not_handed_over

left_alone() {
  local before
  policy "updateGrace = 60000"
  before=$(adoptions)
  withdraw nvme-driver-bundle.jar
  state "$first" unbound
  drop "$jars/nvme-driver-bundle.jar"
  state "$first" bound
  is "adoptions" "$(adoptions)" "$before"
  bus "lab:same $first $far /out/outside"
  rm "$core_settings"
}
scenario "The driver's jar deleted: what was kept is released, the next driver starts afresh" left_alone
