"""Stands in for `manage.py`: as quick as its arguments say, and as wrong."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from tests.model_copies import copied_model


def main(command: str, *arguments: str) -> None:
    behaviour = os.environ.get("FAKE_LABORATORY", "well")
    if behaviour == "refuses":
        sys.exit("Traceback of what nobody should read\nCommandError: The column x knows it all.")
    if behaviour == "refuses in JSON":
        sys.stdout.write(json.dumps({"status": "refused", "reason": "x knows the future."}))
        sys.exit(3)
    if behaviour == "breaks":
        sys.exit("ValueError: 71.5")
    if behaviour == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "takes long":
        sys.stdout.write("[1/4] Fitting cox" + "\n")
        sys.stdout.flush()
        time.sleep(60)
    if command == "cohort":
        sys.stdout.write(json.dumps({"people": 1207, "events": {"hip": 54}}))
    if command == "evaluate":
        Path(arguments[arguments.index("--report") + 1]).write_text("<p>C 0.81</p>")
    if command in ("train", "recalibrate"):
        sys.stdout.write("[1/1] Fitting" + "\n")
        sys.stdout.flush()
        place = Path(arguments[arguments.index("--out") + 1])
        copied_model(place, arguments[arguments.index("--model-id") + 1])


if __name__ == "__main__":
    main(*sys.argv[1:])
