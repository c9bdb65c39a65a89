#!/bin/sh
# Makes certificates that rcgen cannot make, with OpenSSL 3: keys that are too short, SHA-1,
# X.509 version 1; and messages that owners of such keys have signed. The tests read what it made
# once, so that they need no openssl; the private keys were thrown away. All are valid for a
# hundred years.
set -eu
cd "$(dirname "$0")"
keys=$(mktemp -d)
trap 'rm -r "$keys"' EXIT
days=36500

key() { openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:"$2" -out "$keys/$1.key" 2>/dev/null ||
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:"$2" -out "$keys/$1.key" 2>/dev/null; }
request() { openssl req -new -key "$keys/$1.key" -subj "$2" -out "$keys/$1.csr"; }
# issue NAME ISSUER OPTIONS...: certificate NAME by ISSUER
issue() {
    name=$1 issuer=$2
    shift 2
    openssl x509 -req -in "$keys/$name.csr" -CA "$issuer.pem" -CAkey "$keys/$issuer.key" \
        -CAcreateserial -CAserial "$keys/serial" -days $days -out "$name.pem" "$@" 2>/dev/null
}
printf 'basicConstraints=critical,CA:TRUE\n' >"$keys/ca.ext"
printf 'basicConstraints=CA:FALSE\n' >"$keys/leaf.ext"

# A self-signed certificate as `openssl req -x509` makes it: CA:TRUE, no host name.
key ca_true 2048
openssl req -x509 -key "$keys/ca_true.key" -subj "/CN=plain openssl" -days $days -out ca_true.pem
# RSA with 1024 bits.
key rsa1024 1024
openssl req -x509 -key "$keys/rsa1024.key" -subj "/CN=short key" -days $days -out rsa1024.pem
# X.509 version 1.
key v1 2048
request v1 "/CN=version one"
openssl x509 -req -in "$keys/v1.csr" -signkey "$keys/v1.key" -days $days -out v1.pem 2>/dev/null
# An authority of version 1, and what it issued: version 1 and version 3.
key v1_client 2048
request v1_client "/CN=client of version one"
issue v1_client v1 -extfile "$keys/leaf.ext"
key v1_by_v1 2048
request v1_by_v1 "/CN=version one of version one"
issue v1_by_v1 v1
# An authority that signs with SHA-1.
key sha1_authority 2048
openssl req -x509 -sha1 -key "$keys/sha1_authority.key" -subj "/CN=old authority" -days $days \
    -out sha1_authority.pem
key sha1 2048
request sha1 "/CN=signed with SHA-1"
issue sha1 sha1_authority -sha1 -extfile "$keys/leaf.ext"
# An authority with a key of 1024 bits, and its client.
key short_authority 1024
openssl req -x509 -key "$keys/short_authority.key" -subj "/CN=short authority" -days $days \
    -out short_authority.pem
key by_short 2048
request by_short "/CN=client of a short authority"
issue by_short short_authority -extfile "$keys/leaf.ext"
# An elliptic curve.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$keys/curve.key" \
    -subj "/CN=elliptic curve" -days $days -out curve.pem 2>/dev/null
# "LIN+1++4711:IN'", signed with two of the keys above; the certificates are inside.
for name in rsa1024 sha1; do
    printf "LIN+1++4711:IN'" | openssl cms -sign -binary -nodetach -md sha256 -outform DER \
        -signer "$name.pem" -inkey "$keys/$name.key" -out "$name.cms"
done
