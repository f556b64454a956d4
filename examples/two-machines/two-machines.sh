#!/usr/bin/env bash
# Plays both machines on this one: a coordinator in ./studio, a worker in ./rack, one share with two mount points, and a queue.
#   ./two-machines.sh [folder]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/machines}
port=${PORT:-6390}
spool=${SPOOL:-npx spool}

command -v redis-server >/dev/null || { echo "Install Redis first (Debian: apt-get install redis-server)." >&2; exit 69; }

mkdir -p "$folder"/{share/inbox,share/outbox,studio,rack/mnt,queue}
cd "$folder"

# The share, as each machine mounts it.
ln -sfn ../share studio/nas
ln -sfn ../../share rack/mnt/archive
sed "s/:6390/:$port/" "$here/spool.yaml" >studio/spool.yaml

redis-server --port "$port" --bind 127.0.0.1 --save "" --dir "$PWD/queue" >queue/log 2>&1 &
queue=$!
end() {
  for process in ${worker:-} $queue; do
    kill "$process" 2>/dev/null && wait "$process" || true
  done
}
trap end EXIT
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.1; done

# The second machine.
cd rack
$spool worker --queue "redis://127.0.0.1:$port" --root nas=mnt/archive --work scratch >log 2>&1 &
worker=$!
until grep -q "takes jobs" log; do
  kill -0 "$worker" || { cat log >&2; exit 1; }
  sleep 0.2
done

# The first.
cd ../studio
$spool samples drums chords speech --into nas/inbox
$spool run
$spool workers
$spool search drums
