#!/bin/bash
# Honours the official image's POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and PGDATA.
set -euo pipefail

if [ "${1:-}" != postgres ] && [ "${1#-}" = "${1:-}" ]; then exec "$@"; fi
if [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA" /run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -z "${POSTGRES_PASSWORD:-}" ]; then
    echo "Database is uninitialized and POSTGRES_PASSWORD is not set." >&2
    exit 1
  fi
  chmod 700 "$PGDATA"
  # An interrupted initialisation leaves no half of a cluster behind: it happens in a folder of its own.
  fresh=$PGDATA/.initialising
  rm -rf "$fresh"
  initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --auth-local=trust \
    --auth-host=scram-sha-256 --encoding=UTF8 --pgdata="$fresh" >/dev/null
  printf "listen_addresses = '*'\njit = off\n" >>"$fresh/postgresql.conf"
  printf 'host all all all scram-sha-256\n' >>"$fresh/pg_hba.conf"
  if [ "$database" != postgres ]; then
    pg_ctl --pgdata="$fresh" --options="-c listen_addresses=''" --wait start >/dev/null
    # From standard input: psql fills variables in there only, not in --command.
    psql --username="$user" --dbname=postgres --no-psqlrc --set=name="$database" --set=ON_ERROR_STOP=1 \
      >/dev/null <<<'CREATE DATABASE :"name"'
    pg_ctl --pgdata="$fresh" --mode=fast --wait stop >/dev/null
  fi
  rm -f "$fresh/postmaster.opts"
  version=$fresh/PG_VERSION
  for entry in "$fresh"/*; do
    [ "$entry" = "$version" ] || mv "$entry" "$PGDATA/"
  done
  mv "$version" "$PGDATA/" # last: its presence means that everything is there
  rmdir "$fresh"
fi
exec "$@"
