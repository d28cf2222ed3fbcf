# What an ordinary user, without any privilege, needs: a home, a card on vfio-pci and its group's file. Not started yet.
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
