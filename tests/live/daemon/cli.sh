# What falcod prints instead of running. Needs no privilege.
source "$(dirname "$0")/lib.sh"

falcod --help
expect_status 0
expect_text stdout "-- COMMAND" --ring-size
falcod --version
expect_status 0
expect_text stdout "falcod " "Falco engine version 0.63.0"
falcod --list
expect_status 0
expect_text stdout "Field Class:" proc.cmdline "Event Sources:"
falcod --list -N
expect_status 0
expect_text stdout fd.name
falcod --list no_such_source
expect_status 2
expect_text stderr syscall
falcod -L
expect_status 0
expect_text stdout "Program started" "Notice, syscall" "Every new program image"
falcod -l "Marked file opened" -o json_output=true
expect_status 0
expect_text stdout '"name":"Marked file opened"' '"tags":["open","test"]'
expect_no_text stdout "Program started"
falcod -l "Marked file open"
expect_status 2
expect_text stderr E0805 "Marked file opened"
done_testing
