# Has an ordinary user's Busbar end again and again while it drives a card: each end has to be quick and in order.
#     itests/lab/lab run itests/lab/scenarios/busbar-stops.sh 3600      stops=40 unless DIR/stops has another number
scenarios=$LAB_GUEST/../scenarios/busbar
. "$scenarios/harness.sh"
stops=40
if [ -s /out/stops ]; then stops=$(< /out/stops); fi
install_busbar
head -c 1M /dev/urandom > /out/outside
. "$scenarios/ordinary.sh"
group=

driven() {
  bus "pci:list" 180
  chown 65534:65534 "$group"
  bus "pci:attach $mine"
  state "$mine" bound
  bus "lab:hammer $mine 16"
  bus "lab:progress $mine 100"
  bus "lab:stop $mine"
}

ended() {
  is "exit status" "$bus_status" 0
  is "kernel driver" "$(kernel_driver "$mine")" vfio-pci
  is "open VFIO files" "$(ls -l /proc/[0-9]*/fd 2> /dev/null | grep -c /dev/vfio)" 0
}

for ((stop = 1; stop <= stops; stop++)); do
  start_busbar "$userhome" "${user[@]}"
  group=/dev/vfio/$(iommu_group "$mine")
  chown 0:0 "$group"
  scenario "Started, time $stop" driven
  if ((stop % 2)); then scenario "With little memory, time $stop" too_little_memory; fi
  stop_busbar
  scenario "Ended, time $stop" ended
done
exit $((failures > 0))
