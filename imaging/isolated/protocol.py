"""What a process that reads files and whoever asks it agree on; light, as it is loaded first."""

# sysexits.h: an internal software error.
OUR_FAULT = 70
# The argument with which code is loaded before the request has come; the tasks it is for follow.
READY = "--ready"
# The first byte of every answer of a process that has loaded our code.
LOADED = b"\x06"
