#!/usr/bin/env bash
# Makes what docker-compose.secure.yml needs, once, in deploy/compose/secrets: certificates, trust stores and passwords.
# None of it belongs in version control. Needs keytool, from any JDK.
set -euo pipefail
cd "$(dirname "$0")"
[[ -e secrets/complete ]] && { echo "secrets/ is there already; delete it to make new ones"; exit 0; }
keytool=$(command -v keytool || ls /usr/lib/jvm/*/bin/keytool 2>/dev/null | head -n 1) || { echo "secrets.sh: no keytool found; install a JDK" >&2; exit 1; }
# The folder is closed to others; what is in it is readable, because containers run under user ids of their own.
umask 022; rm -rf secrets; mkdir -p secrets/{broker,admin,registry,client}; chmod 700 secrets
word() { head -c 24 /dev/urandom | base64 | tr -d '/+='; }
storepass=$(word)

pair() { # FOLDER COMMON_NAME
  "$keytool" -genkeypair -alias own -keyalg EC -groupname secp256r1 -validity 825 -storetype PKCS12 -dname "CN=$2" \
    -ext "san=dns:$2,dns:localhost,ip:127.0.0.1" -keystore "secrets/$1/key.p12" -storepass "$storepass" 2>/dev/null
  "$keytool" -exportcert -rfc -alias own -keystore "secrets/$1/key.p12" -storepass "$storepass" >"secrets/$1/certificate.pem" 2>/dev/null
}
trust() { # FOLDER TRUSTED_FOLDER…
  local into=secrets/$1/trust.p12; shift
  local each; for each in "$@"; do
    "$keytool" -importcert -noprompt -alias "$each" -file "secrets/$each/certificate.pem" -storetype PKCS12 -keystore "$into" -storepass "$storepass" 2>/dev/null
  done
}
pair broker broker; pair admin admin; pair registry registry
trust broker broker admin registry; trust admin broker; trust registry broker; trust client broker

scram=org.apache.kafka.common.security.scram.ScramLoginModule
cat >secrets/broker.env <<END
KAFKA_SSL_KEYSTORE_PASSWORD=$storepass
KAFKA_SSL_KEY_PASSWORD=$storepass
KAFKA_SSL_TRUSTSTORE_PASSWORD=$storepass
END
cat >secrets/registry.env <<END
APICURIO_KAFKASQL_SECURITY_SSL_KEYSTORE_PASSWORD=$storepass
APICURIO_KAFKASQL_SECURITY_SSL_KEY_PASSWORD=$storepass
APICURIO_KAFKASQL_SECURITY_SSL_TRUSTSTORE_PASSWORD=$storepass
END
cat >secrets/admin/client.properties <<END
bootstrap.servers=broker:19093
security.protocol=SSL
ssl.keystore.location=/secrets/key.p12
ssl.keystore.password=$storepass
ssl.key.password=$storepass
ssl.truststore.location=/secrets/trust.p12
ssl.truststore.password=$storepass
END
cat >secrets/topics.env <<END
LIVEPREDICT_KAFKA__SSL_KEYSTORE_PASSWORD=$storepass
LIVEPREDICT_KAFKA__SSL_KEY_PASSWORD=$storepass
LIVEPREDICT_KAFKA__SSL_TRUSTSTORE_PASSWORD=$storepass
END
: >secrets/users.env
for user in streams-app trainer simulator connect reader; do
  password=$(word)
  echo "$(tr 'a-z-' 'A-Z_' <<<"$user")_PASSWORD=$password" >>secrets/users.env
  jaas="$scram required username=\"$user\" password=\"$password\";"
  if [[ $user == connect ]]; then
    for prefix in CONNECT CONNECT_CONSUMER CONNECT_PRODUCER CONNECT_ADMIN; do
      echo "${prefix}_SASL_JAAS_CONFIG=$jaas"; echo "${prefix}_SSL_TRUSTSTORE_PASSWORD=$storepass"
    done >"secrets/$user.env"
  else
    printf 'LIVEPREDICT_KAFKA__SASL_JAAS_CONFIG=%s\nLIVEPREDICT_KAFKA__SSL_TRUSTSTORE_PASSWORD=%s\n' "$jaas" "$storepass" >"secrets/$user.env"
  fi
done
touch secrets/complete
echo "made secrets/: certificates of broker, admin and registry, passwords of streams-app, trainer, simulator, connect and reader"
