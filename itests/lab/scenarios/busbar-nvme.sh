# What an ordinary user's Busbar does with NVMe cards of QEMU's. Prints one line of result for each scenario.
#     itests/lab/lab run itests/lab/scenarios/busbar-nvme.sh      after: ./mvnw -pl runtime,itests/lab-bundle -am package
# A subsystem, for namespaces that come and go: its first controller has them, a card in a slot may be the second.
# QEMU: -device nvme-subsys,id=pool -device nvme,id=anchor,serial=POOL,subsys=pool,bus=pcie.0,addr=0x1a
# QEMU: -device nvme-ns,bus=anchor,drive=n2,nsid=1 -device nvme-ns,bus=anchor,drive=n3,nsid=2,detached=on
scenarios=$LAB_GUEST/../scenarios/busbar
. "$scenarios/harness.sh"
. "$scenarios/compliance.sh"
. "$scenarios/depths.sh"
. "$scenarios/nbd.sh"
. "$scenarios/faults.sh"
. "$scenarios/handover.sh"
. "$scenarios/namespaces.sh"
. "$scenarios/updates.sh"
. "$scenarios/nvme-end.sh"
exit $((failures > 0))
