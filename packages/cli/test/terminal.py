# Runs a command on a pseudo-terminal, and writes what it prints as lines of JSON: [seconds since the start, text]; last its exit code.
# What comes in on stdin is typed there.
import codecs, fcntl, json, os, pty, select, struct, sys, termios, time

cwd, columns, rows, *command = sys.argv[1:]
began = time.monotonic()
pid, terminal = pty.fork()
if pid == 0:
    os.chdir(cwd)
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
text = codecs.getincrementaldecoder("utf-8")("replace")
inputs = [terminal, 0]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            os.write(terminal, typed)
        else:
            inputs.remove(0)
    if terminal not in ready:
        continue
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    print(json.dumps([round(time.monotonic() - began, 3), text.decode(data)]), flush=True)
print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])), flush=True)
