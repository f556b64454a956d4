# Runs a command on a pseudo-terminal, and writes what it prints as lines of JSON: [seconds since the start, text]; last its exit code.
import codecs, fcntl, json, os, pty, struct, sys, termios, time

cwd, columns, rows, *command = sys.argv[1:]
began = time.monotonic()
pid, terminal = pty.fork()
if pid == 0:
    os.chdir(cwd)
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
text = codecs.getincrementaldecoder("utf-8")("replace")
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    print(json.dumps([round(time.monotonic() - began, 3), text.decode(data)]), flush=True)
print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])), flush=True)
