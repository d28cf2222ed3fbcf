# Intel's NICs as QEMU models them, driven through VFIO, with the guest kernel's own NIC as the other side. By hand, after
# ./mvnw -pl runtime,itests/lab-bundle -am package:     itests/lab/lab run itests/lab/scenarios/busbar-e1000.sh
scenarios=$LAB_GUEST/../scenarios/busbar
. "$scenarios/harness.sh"
nic=$(slot_address 4)
install_busbar
mkdir -p /run/home/conf /run/home/drivers
cp "$busbar/conf/logback.xml" /run/home/conf/
echo "claims = 8086:10d3, 8086:100e, 8086:100f" > /run/home/conf/org.busbar.pci.linux.cfg
start_busbar /run/home
drop "$jars/nic-driver-bundle.jar"
. "$scenarios/e1000.sh"
stop_busbar
exit $((failures > 0))
