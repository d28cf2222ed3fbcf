# Busbar ends: everything is given back.
nothing_stuck() {
  bus "pci:events -n 100000"
  if grep -E '  (leak|stuck|quarantined|probe failed) ' <<< "$answer" > /run/bad-events; then
    fail "$(head -n 5 /run/bad-events)"
  fi
  note "$(wc -l <<< "$answer") events"
}
scenario "No leak, no stuck driver, no failed probe in all of this" nothing_stuck

stop_busbar
ended() {
  is "exit status" "$bus_status" 0
  for card in /sys/bus/pci/devices/*; do
    [ "$(override "${card##*/}")" = "(null)" ] || fail "${card##*/} still has driver_override $(override "${card##*/}")"
    [ "$(kernel_driver "${card##*/}")" != vfio-pci ] || fail "${card##*/} is still on vfio-pci"
  done
  # It was the kernel's before it was claimed; the others were nobody's.
  within 30 "[ \"\$(kernel_driver ${tenant%.0}.1)\" = e1000e ]"
  if compgen -G '/dev/vfio/[0-9]*'; then fail "VFIO groups are left: $(ls /dev/vfio)"; fi
}
scenario "After its end kernel drivers have their devices again, and no VFIO group is left" ended
