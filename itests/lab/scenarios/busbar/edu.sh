# QEMU's teaching device in slot 5, and the example driver for it: dropped in, used from the console, withdrawn.
edu=$(slot_address 5)

# interrupts_of_edu: how many its driver has had
interrupts_of_edu() {
  bus "edu:interrupts"
  tr -dc '0-9' <<< "$answer"
}

edu_driven() {
  configure "claims = 1b36:0010, 8086:10d3, $edu"
  card 5 "edu"
  drop "$project"/examples/edu-driver/target/edu-driver-*[0-9T].jar edu-driver.jar
  state "$edu" bound
  bus "edu:factorial 12"
  says 479001600
  is "interrupts after a factorial" "$(interrupts_of_edu)" 1
  bus "edu:echo 'there and back'"
  says "there and back"
  is "interrupts after two transfers" "$(interrupts_of_edu)" 3
  fails_with "0 to 12" "edu:factorial 13"
}
scenario "QEMU's teaching device: the example driver computes, moves bytes and is interrupted" edu_driven

edu_reinserted() {
  slot_power 5 off
  state "$edu" gone
  within 20 "absent $edu"
  card 5 "edu"
  state "$edu" bound
  bus "edu:factorial 5"
  says 120
  is "interrupts of the new card" "$(interrupts_of_edu)" 1
  surprise_pull 5
  state "$edu" gone
  card 5 "edu"
  state "$edu" bound
  bus "edu:echo again"
  says again
  withdraw edu-driver.jar
  state "$edu" unbound
  state "$first" bound 5
  surprise_pull 5
  state "$edu" gone
  configure "claims = 1b36:0010, 8086:10d3"
  within 20 "slot_idle 5"
}
scenario "The teaching device is taken out, pulled and put back, and its driver leaves" edu_reinserted
