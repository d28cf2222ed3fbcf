# Busbar against a real kernel: drivers as bundles on a bus whose cards come and go. Prints one line of result for each scenario.
#     itests/lab/lab run itests/lab/scenarios/busbar.sh      after: ./mvnw -pl runtime,itests/lab-bundle -am package
scenarios=$LAB_GUEST/../scenarios/busbar
. "$scenarios/harness.sh"
. "$scenarios/nvme.sh"
. "$scenarios/yank.sh"
. "$scenarios/swap.sh"
. "$scenarios/drivers.sh"
. "$scenarios/orders.sh"
. "$scenarios/network.sh"
. "$scenarios/virtio.sh"
. "$scenarios/edu.sh"
. "$scenarios/kernel.sh"
. "$scenarios/end.sh"
. "$scenarios/user.sh"
exit $((failures > 0))
