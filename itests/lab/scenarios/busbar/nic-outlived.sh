# Ports that outlive their drivers: a driver's jar is replaced between pings that one nic:echo answers.

# changed MAC: how often the driver or the card of that address has left
changed() { bus "port:show -j $1" && sed -n 's/.*"driversLost": *\([0-9]*\).*/\1/p' <<< "$answer"; }
in_place() { bus "port:show -j $1" && [[ $answer == *'"state": "UP"'* ]] && (($(changed "$1") >= $2)); }

# outlived PORT MAC JAR
outlived() {
  local lasting=port/$2 round before
  afresh
  peer_up "$peer/24"
  linked "$1" "$2"
  bus "nic:set $lasting mtu=4000"
  job "nic:echo $lasting $ours -b"
  found "$ours"
  pinged "$ours" 100 56
  before=$(changed "$2")
  for round in 1 2; do
    drop "$jars/$3"
    within 60 "in_place $2 $((before + round))" "the port has its next driver"
    linked "$1" "$2"
    answers "$ours"
    pinged "$ours" 100 1400
    bus "nic:show -j $1"
    says '"mtu": 4000'
  done
  bus "port:list"
  note "$(sed -n 2p <<< "$answer")"
  ended
  bus "nic:set $lasting mtu=1500"
}
scenario "82574L: the driver's jar replaced twice, nic:echo on its port goes on, its MTU stays" \
  outlived "$nic" 52:54:00:00:00:01 nic-driver-bundle.jar
