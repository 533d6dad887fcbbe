# Shared by the scripts beside it: finds a JDK and Maven, builds what is stale. Sourced, not run.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
target=$here/target

class_path() { # that of a module of deploy, as build_if_stale leaves it
  printf '%s' "$here/$1/target/classes:$here/$1/target/lib/*"
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

build_if_stale() { # arguments go to Maven
  local stamp=$target/.built flavour="$*" newer
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$flavour" ] && [ -d "$here/benchmarks/target/lib" ]; then
    newer=$(find "$root/pom.xml" "$root"/*/pom.xml "$here"/*/pom.xml "$root"/*/src/main "$here"/*/src/main -newer "$stamp" -type f -print -quit)
    [ -n "$newer" ] || return 0
  fi
  if ! command -v mvn >/dev/null; then
    echo "Maven is needed to build and was not found: install it (https://maven.apache.org) so that 'mvn' is on the PATH" >&2
    exit 1
  fi
  echo "building (the first time also downloads libraries: minutes) …"
  mkdir -p "$target"
  # No library of an older build or another flavour stays on a class path.
  rm -rf "$root"/{streams-app,trainer}/target/lib "$here"/*/target/lib "$stamp"
  local log=$target/build.log
  touch "$target/.building" # what is edited while it builds is newer than this
  if ! (cd "$root" && mvn -B -ntp -Dmaven.test.skip=true -Dspotless.check.skip=true "$@" package) >"$log" 2>&1; then
    grep -E '^\[ERROR\]' "$log" | head -n 8 >&2
    echo "the build failed; its log is $log" >&2
    exit 1
  fi
  printf '%s' "$flavour" >"$stamp"
  touch -r "$target/.building" "$stamp"
  echo "built"
}
