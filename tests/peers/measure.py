"""Runs one command and tells what it took, as a line of JSON.

Usage: measure.py SECONDS PROGRAM [ARGUMENT ...]
{"status", "cpu": seconds of user and system time, "rss_kib": the most memory it had, "stdout", "stderr"}.
The command is killed after SECONDS; its status is then -9.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading

with tempfile.TemporaryFile() as errors:
    child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
    timer = threading.Timer(float(sys.argv[1]), child.kill)
    timer.start()
    stdout = child.stdout.read()
    # Of this child alone, which neither the shell nor /proc tells after its end.
    _, status, usage = os.wait4(child.pid, 0)
    timer.cancel()
    errors.seek(0)
    answer = {
        "status": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss_kib": usage.ru_maxrss,
        "stdout": stdout.decode(errors="replace"),
        "stderr": errors.read().decode(errors="replace"),
    }
print(json.dumps(answer))
