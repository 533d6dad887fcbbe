# Shared by the scripts beside it: finds a JDK and Maven, builds what is stale. Sourced, not run.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
target=$here/target

class_path() { # that of a module, as build_if_stale leaves it
  printf '%s' "$root/$1/target/classes:$(cat "$root/$1/target/class-path.txt")"
}

# ONNX Runtime and RocksDB load native code.
jvm_flags=(--enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -Xshare:auto)

major_of() { # the major version of a java, 0 if it does not run
  local line
  line=$("$1" -version 2>&1 | grep -m1 ' version "') || { echo 0; return; }
  line=${line#*\"}
  line=${line%%[.\"-]*}
  case $line in (*[!0-9]*|'') echo 0 ;; (*) echo "$line" ;; esac
}

find_java() { # sets java to the newest one from 21 found in JAVA_HOME, PATH and the usual places
  local candidate major best=0
  java=
  for candidate in "${JAVA_HOME:-/nonexistent}/bin/java" "$(command -v java || true)" \
      /usr/lib/jvm/*/bin/java /opt/*jdk*/bin/java "$HOME"/.sdkman/candidates/java/*/bin/java "$HOME"/.jdks/*/bin/java \
      /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java; do
    [ -x "$candidate" ] || continue
    [ -x "$(dirname "$candidate")/javac" ] || continue
    major=$(major_of "$candidate")
    if [ "$major" -ge 21 ] && [ "$major" -gt "$best" ]; then
      best=$major
      java=$candidate
    fi
  done
  if [ -z "$java" ]; then
    echo "a JDK 21 or newer is needed and none was found: install one (https://adoptium.net) or set JAVA_HOME to it" >&2
    exit 1
  fi
  if [ "$best" -ge 23 ]; then
    jvm_flags+=(--sun-misc-unsafe-memory-access=allow) # Kafka unmaps its files with Unsafe; newer JDKs warn of it
  fi
}

modules_of() { # the folders of the modules that a built module is made of, itself included, one per line
  class_path "$1" | tr ':' '\n' | sed -n "s:^$root/\(.*\)/target/.*:\1:p"
}

is_built() { # MODULE: whether it can run, however old it is
  local entries entry
  [ -d "$root/$1/target/classes" ] && [ -f "$root/$1/target/class-path.txt" ] || return 1
  IFS=: read -r -a entries <"$root/$1/target/class-path.txt" || true # no line break ends it
  for entry in "${entries[@]}"; do
    [ -e "$entry" ] || return 1
  done
}

is_fresh() { # MODULE FLAVOUR: whether it is built so, and nothing that goes into it is newer
  local stamp=$root/$1/target/.built module newer watched=("$root/pom.xml" "$here/pom.xml")
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$2" ] && is_built "$1" || return 1
  while read -r module; do
    watched+=("$root/$module/pom.xml" "$root/$module/src/main")
  done < <(modules_of "$1")
  newer=$(find "${watched[@]}" -newer "$stamp" -type f -print -quit) && [ -z "$newer" ]
}

build_if_stale() { # MODULE [ARGUMENT…]: builds the module and those it is made of; the arguments go to Maven
  local module=$1 log=$target/build.log building each begun=$SECONDS teller failed=no
  shift
  ! is_fresh "$module" "$*" || return 0
  if ! command -v mvn >/dev/null; then
    echo "Maven is needed to build and was not found: install it (https://maven.apache.org) so that 'mvn' is on the PATH" >&2
    exit 1
  fi
  echo "building $module and what it is made of (the first time also downloads libraries: minutes) …" >&2
  mkdir -p "$target"
  building=$(mktemp "$target/building.XXXXXX") # what is edited while it builds is newer than this
  : >"$log"
  tell_building $$ "$log" &
  teller=$!
  (cd "$root" && mvn -B -ntp -Dmaven.test.skip=true -Dspotless.check.skip=true "$@" -pl "$module" -am package) >"$log" 2>&1 || failed=yes
  kill "$teller" 2>/dev/null || true
  wait "$teller" 2>/dev/null || true
  [ ! -t 2 ] || printf '\r\033[K' >&2
  if [ "$failed" = yes ]; then
    grep -E '^\[ERROR\]' "$log" | head -n 8 >&2 || true # there may be none, as when Maven was ended
    rm -f "$building"
    echo "the build failed; its log is $log" >&2
    exit 1
  fi
  # Those it is made of were built the same way, in the same flavour.
  while read -r each; do
    printf '%s' "$*" >"$root/$each/target/.built"
    touch -r "$building" "$root/$each/target/.built"
  done < <(modules_of "$module")
  rm -f "$building"
  echo "built in $((SECONDS - begun)) s" >&2
}

tell_building() { # PID LOG: while that process runs, says which module Maven is at and for how long it has been building
  local now said= begun=$SECONDS
  while sleep 1 && kill -0 "$1" 2>/dev/null; do
    now=$(sed -n 's/^\[INFO\] Building \(LivePredict.*\) [0-9][^ ]*-SNAPSHOT *\(\[.*\]\).*/\1 \2/p' "$2" | tail -n 1)
    if [ -t 2 ]; then
      printf '\r\033[K  %d s: %s' "$((SECONDS - begun))" "${now:-Maven starts}" >&2
    elif [ "$now" != "$said" ]; then
      printf '  %d s: %s\n' "$((SECONDS - begun))" "$now" >&2
      said=$now
    fi
  done
}

# USAGE MODULE [MAVEN-ARGUMENT…] -- ARGUMENT…: makes the module's program ready to run with these arguments. Who asks for help
# waits for no build: what is built answers, even when it is stale; before the first build the text in the file USAGE does.
prepare() {
  local usage=$1 module=$2 maven=() argument is_help=no
  shift 2
  while [ "$1" != -- ]; do maven+=("$1"); shift; done
  shift
  for argument in "$@"; do
    case $argument in (-h|--help|help) is_help=yes ;; esac
  done
  if [ "$is_help" = yes ] && ! is_built "$module"; then
    cat "$usage"
    exit 0
  fi
  find_java
  [ "$is_help" = yes ] || build_if_stale "$module" "${maven[@]+"${maven[@]}"}"
}
