# Network drivers and commands on a real kernel: NICs driven through VFIO, the kernel's own NIC on the other side of the wire.
#     itests/lab/lab run itests/lab/scenarios/busbar-nic.sh      after: ./mvnw -pl runtime,itests/lab-bundle -am package
# NET: tap
scenarios=$LAB_GUEST/../scenarios/busbar
. "$scenarios/harness.sh"
. "$scenarios/nics.sh"
. "$scenarios/e1000.sh"
. "$scenarios/nic-commands.sh"
. "$scenarios/nic-outlived.sh"
. "$scenarios/nic-spread.sh"
. "$scenarios/nic-faults.sh"
. "$scenarios/nic-end.sh"
exit $((failures > 0))
