# The NVMe bundle is updated while four threads have eight verified requests each with a volume. More updates by hand: updates=100 in
# DIR/settings.
updates=${updates:-5}

# volume_of ADDRESS: name of the volume of the first namespace there, in $volume, once there is one
volume_of() {
  local deadline=$((SECONDS + patience))
  volume=
  until bus "volume:list" && volume=$(grep -F "$1/n1 " <<< "$answer" | grep -o '^volume/[^ ]*'); do
    ((SECONDS < deadline)) || fail "no volume with a path at $1: $answer"
  done
}

updated() {
  local volume round began
  given 2 "$(nvme n0 U1)"
  volume_of "$first"
  bus "lab:hammer $volume 8 4"
  bus "lab:progress $volume 500"
  began=$EPOCHREALTIME
  for ((round = 1; round <= updates; round++)); do
    bus "lab:renew org.busbar.driver.nvme $jars/nvme-driver-bundle.jar"
    bus "lab:progress $volume 200"
  done
  bus "lab:stop $volume"
  note "$updates updates within $(since "$began") s: $answer"
  [[ $answer =~ accepted\ ([0-9]+),\ ended\ \{OK=([0-9]+)\},\ twice\ 0,\ corrupt\ 0 ]] || fail "not all went well: $answer"
  is "ended well" "${BASH_REMATCH[2]}" "${BASH_REMATCH[1]}"
  bus "volume:show $volume"
  note "$answer"
  says " 0 given up"
  says " $updates paths, 0 times power"
}
scenario "The NVMe bundle updated under a volume's load: nothing fails, nothing is wrong" updated

flushed=(300000 400000 500000)
written() {
  local volume block
  given 2 "$(nvme n0 U1)"
  volume_of "$first"
  bus "lab:hammer $volume 8 4"
  bus "lab:progress $volume 200"
  for block in "${flushed[@]}"; do bus "lab:put $volume $block /out/outside"; done
  bus "lab:progress $volume 200"
}
scenario "Written and flushed through a volume under load" written

kill -KILL "$bus_pid"
wait "$bus_pid" 2> /dev/null
exec {to_bus}>&- {from_bus}<&-
start_busbar "$userhome" "${user[@]}"

survived() {
  local volume block
  state "$first" bound 120
  volume_of "$first"
  for block in "${flushed[@]}"; do bus "lab:same $volume $block /out/outside"; done
  bus "lab:hammer $volume 8 4"
  bus "lab:progress $volume 200"
  bus "lab:stop $volume"
  note "$answer"
}
scenario "Busbar killed under load and started again: what was flushed is there" survived
