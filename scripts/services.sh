#!/usr/bin/env bash
# Redis, PostgreSQL and an S3 on loopback ports of their own, for tests and trials; no form for production.
#
#   eval "$(scripts/services.sh start [folder] [redis] [postgres] [s3])"   # all three without names; again: joins, or restarts on the same port
#   scripts/services.sh stop [folder] [name…]                               # data stays in the folder
#   scripts/services.sh status [folder] [name…]                             # exit code 1 when one of them is down
#
# The standard output is what to export; remarks go to the standard error. A service is only ever ended by the pid
# that stands in <folder>/<name>/pid, and only while that process was started on this folder.
set -euo pipefail
house=$(cd "$(dirname "$0")/.." && pwd)
action=${1:-help}
shift || true
folder=${TIANWATCH_SERVICES:-${TMPDIR:-/tmp}/tianwatch-services-$UID}
case ${1:-} in '' | redis | postgres | s3) ;; *) folder=$1 && shift ;; esac
folder=$(realpath -m "$folder")
names=("$@")
((${#names[@]})) || names=(redis postgres s3)

say() { echo "services: $*" >&2; }
fail() { say "$*" && exit 1; }
pid_of() { # empty when the service is down
  local pid
  pid=$(cat "$folder/$1/pid" 2>/dev/null) || return 0
  if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$folder/$1"; then echo "$pid"; fi
}
port_of() { cat "$folder/$1/port"; }
free_port() {
  node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}
await() { # name, then a command that succeeds once the service answers
  local name=$1 pid
  shift
  for _ in $(seq 300); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    pid=$(pid_of "$name")
    [[ -n $pid ]] || break
    sleep 0.05
  done
  tail -5 "$folder/$name/log" >&2
  fail "$name did not start; its log is $folder/$name/log"
}
run() { # name, then a command that stays in the foreground
  local name=$1 pid
  shift
  setsid "$@" >>"$folder/$name/log" 2>&1 </dev/null &
  pid=$!
  disown
  echo "$pid" >"$folder/$name/pid"
  # until exec the process is still this shell, and pid_of would not know it
  for _ in $(seq 100); do [[ -n $(pid_of "$name") ]] && return 0 || sleep 0.01; done
  tail -5 "$folder/$name/log" >&2
  fail "$name ended at once; its log is $folder/$name/log"
}

start_redis() {
  command -v redis-server >/dev/null || fail "redis-server is absent: apt-get install redis-server"
  printf '%s\n' 'bind 127.0.0.1' "port $(port_of redis)" "dir $folder/redis" 'requirepass tianwatch' 'set-proc-title no' \
    'maxmemory-policy noeviction' 'appendonly yes' 'save ""' >"$folder/redis/redis.conf"
  run redis redis-server "$folder/redis/redis.conf"
  REDISCLI_AUTH=tianwatch await redis sh -c "redis-cli -p $(port_of redis) ping | grep -q PONG"
}

as_postgres() { # PostgreSQL refuses to be root
  if ((UID)); then "$@"; else setpriv --reuid=postgres --regid=postgres --init-groups "$@"; fi
}
start_postgres() {
  local data=$folder/postgres/data bin port
  bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
  [[ -x $bin/initdb ]] || fail "PostgreSQL is absent: apt-get install postgresql"
  port=$(port_of postgres)
  if ! [[ -e $folder/postgres/made ]]; then
    rm -rf "$data"
    mkdir "$data"
    chmod 700 "$data"
    ((UID)) || chown postgres "$data"
    echo tianwatch >"$folder/postgres/password"
    as_postgres "$bin/initdb" -D "$data" -U postgres -E UTF8 --locale=C.UTF-8 --no-sync --wal-segsize=4 --auth=scram-sha-256 \
      --pwfile="$folder/postgres/password" >>"$folder/postgres/log" 2>&1 || fail "initdb failed; its log is $folder/postgres/log"
  fi
  local listen=(-c listen_addresses=127.0.0.1 -c "unix_socket_directories=" -p "$port")
  if ((UID)); then run postgres "$bin/postgres" -D "$data" "${listen[@]}"; else
    run postgres setpriv --reuid=postgres --regid=postgres --init-groups "$bin/postgres" -D "$data" "${listen[@]}"
  fi
  export PGPASSWORD=tianwatch
  await postgres "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"
  if ! [[ -e $folder/postgres/made ]]; then
    # no superuser: what the application may do has to be enough
    "$bin/psql" -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U postgres \
      -c "create role tianwatch login password 'tianwatch'" -c 'create database tianwatch owner tianwatch' >&2
    touch "$folder/postgres/made"
  fi
}

start_s3() {
  [[ -e $house/node_modules/s3rver/bin/s3rver.js ]] || fail "s3rver is absent: npm ci"
  mkdir -p "$folder/s3/buckets"
  # its continuation tokens are made with DES
  run s3 node --openssl-legacy-provider "$house/scripts/s3-of-tests.mjs" "$folder/s3/buckets" "$(port_of s3)"
  await s3 bash -c "exec 3<>/dev/tcp/127.0.0.1/$(port_of s3)"
}

exports() {
  case $1 in
    redis) echo "export TIANWATCH_QUEUE=redis://default:tianwatch@127.0.0.1:$(port_of redis)" ;;
    postgres) echo "export TIANWATCH_DATABASE=postgres://tianwatch:tianwatch@127.0.0.1:$(port_of postgres)/tianwatch" ;;
    s3)
      echo "export TIANWATCH_IMAGES=s3://tianwatch/images"
      echo "export TIANWATCH_S3_ENDPOINT=http://127.0.0.1:$(port_of s3)"
      echo "export AWS_ACCESS_KEY_ID=S3RVER AWS_SECRET_ACCESS_KEY=S3RVER AWS_REGION=us-east-1"
      ;;
  esac
}

stop_service() {
  local pid signal=TERM
  [[ $1 != postgres ]] || signal=INT # ends sessions and closes cleanly
  pid=$(pid_of "$1")
  if [[ -z $pid ]]; then return 0; fi
  kill -s "$signal" "$pid"
  for _ in $(seq 200); do
    if [[ -z $(pid_of "$1") ]]; then break; fi
    sleep 0.05
  done
  if [[ -n $(pid_of "$1") ]]; then say "$1 ($pid) did not end within 10 s: killed" && kill -s KILL "$pid"; fi
  rm -f "$folder/$1/pid"
}

down=0
for name in "${names[@]}"; do
  case $name in redis | postgres | s3) ;; *) fail "there is no service $name; redis, postgres, s3" ;; esac
  pid=$(pid_of "$name")
  case $action in
    start)
      mkdir -p "$folder/$name"
      chmod o+x "$folder" "$folder/$name"
      [[ -e $folder/$name/port ]] || free_port >"$folder/$name/port"
      [[ -n $pid ]] || "start_$name"
      exports "$name"
      ;;
    stop) stop_service "$name" ;;
    status) if [[ -n $pid ]]; then echo "$name: pid $pid, port $(port_of "$name")"; else echo "$name: down" && down=1; fi ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" && exit 2 ;;
  esac
done
exit $down
