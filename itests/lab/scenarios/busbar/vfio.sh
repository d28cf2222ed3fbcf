# The layer between Busbar and VFIO, by itself: an NVMe card in slot 2, and a group of several functions. Each step is one of
# pci-bundle's test class VfioLab, in a JVM of its own.
vfio_card=$(slot_address 2)
# A copy that an ordinary user can read, and that is not read over the network file system.
classes=/run/vfio-lab
mkdir -p "$classes"
cp -r "$project"/{core-bundle/target/classes,pci-bundle/target/classes,pci-bundle/target/test-classes}/. "$classes"
cp "$project/itests/target/lab-classpath/slf4j-api.jar" "$classes/slf4j.jar"
chmod -R a+rX "$classes"

# vfio STEP [COMMAND...]: the step, as the user and with the limits that the command sets
vfio() {
  # shellcheck disable=SC2086 -- options split at blanks on purpose
  "${@:2}" java $LAB_JAVA_OPTIONS --enable-native-access=ALL-UNNAMED -cp "$classes:$classes/slf4j.jar" \
    org.busbar.pci.internal.vfio.lab.VfioLab "$1" "$vfio_card" > /run/vfio 2>&1 || fail "$1: $(grep -v ^SLF4J /run/vfio | head -n 12)"
  grep -v ^SLF4J /run/vfio | sed 's/^/# /'
}
ordinary() { setpriv --reuid=1000 --regid=1000 --clear-groups "$@"; }

vfio_unbound() {
  card 2 "$(nvme n0 A1)"
  vfio unbound
  driver_bind "$vfio_card" vfio-pci
}
scenario "VFIO alone: a card that is not on vfio-pci is refused, with the reason" vfio_unbound

scenario "VFIO alone: registers, DMA, interrupts, reset, a busy group, an eject request, a yank; nothing is left" vfio all

vfio_user() {
  local group
  card 2 "$(nvme n0 A1)"
  driver_bind "$vfio_card" vfio-pci
  group=/dev/vfio/$(iommu_group "$vfio_card")
  vfio permission ordinary
  chown 1000:1000 "$group"
  vfio memlock ordinary bash -c 'ulimit -l 4096 && exec "$@"' limited
}
scenario "VFIO alone: an ordinary user without the group, and with too little memory to lock" vfio_user

vfio_group() {
  local vfio_card=0000:00:1f.2
  modprobe i2c-i801
  driver_bind "$vfio_card" vfio-pci
  vfio shared
  driver_bind 0000:00:1f.3 vfio-pci
  vfio group
}
scenario "VFIO alone: a group of several functions, shared with a kernel driver and alone" vfio_group

# Last: the kernel waits for this card until the end.
scenario "VFIO alone: a card that is dead but not gone does not hold up a close" vfio dead
