# VFIO with a real kernel: opens an NVMe card in slot 2, identifies it by DMA and interrupt, resets it, yanks it while
# mapped, drives it as an ordinary user. The checks are in pci-bundle's test class VfioLab.
# Needs the classes of core-bundle and pci-bundle: mvn -pl pci-bundle -am test-compile
. "$LAB_GUEST/lib.sh"
set -euo pipefail
project=$(cd "$LAB_GUEST/../../.." && pwd)
slf4j=$(find "$HOME/.m2/repository/org/slf4j/slf4j-api" -name 'slf4j-api-2*[0-9].jar' | sort | tail -n 1)
# A copy that an ordinary user can read, and that is not read over the network file system.
classes=/run/vfio-lab
mkdir -p "$classes"
cp -r "$project"/{core-bundle/target/classes,pci-bundle/target/classes,pci-bundle/target/test-classes}/. "$classes"
cp "$slf4j" "$classes/slf4j.jar"
chmod -R a+rX "$classes"
lab() {  # JAVA-OPTIONS STEP
  java $1 --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:-UsePerfData -cp "$classes:$classes/slf4j.jar" \
    org.busbar.pci.internal.vfio.lab.VfioLab "$2" "$card" 2>&1 | { grep -v '^SLF4J' || true; }
}
user() { setpriv --reuid=1000 --regid=1000 --clear-groups "$@"; }

insert 2 nvme,drive=n0,serial=A1
card=$(slot_address 2)
wait_for "present $card" 10
echo "--- not bound yet"
lab "$LAB_JAVA_OPTIONS" unbound
driver_bind "$card" vfio-pci
echo "--- everything"
lab "$LAB_JAVA_OPTIONS" all
echo "--- speed, with the optimizing compiler"
lab "" speed
group=/dev/vfio/$(iommu_group "$card")
export -f lab
export card classes LAB_JAVA_OPTIONS
echo "--- as an ordinary user, before and after chown of $group"
user bash -o pipefail -c 'lab "$LAB_JAVA_OPTIONS" permission'
chown 1000:1000 "$group"
user bash -o pipefail -c 'ulimit -l 4096 && lab "$LAB_JAVA_OPTIONS" memlock'

echo "--- a group of several functions: the chip set's"
dead=$card
card=0000:00:1f.2
modprobe i2c-i801
driver_bind "$card" vfio-pci
lab "$LAB_JAVA_OPTIONS" shared
driver_bind 0000:00:1f.3 vfio-pci
lab "$LAB_JAVA_OPTIONS" group

echo "--- a card that is dead but not gone (last: the kernel waits for it until the end)"
card=$dead
lab "$LAB_JAVA_OPTIONS" dead
