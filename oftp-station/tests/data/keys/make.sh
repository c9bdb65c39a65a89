#!/bin/sh
# Makes the keys and certificates of the process tests, with OpenSSL 3: so many RSA keys would take
# longer to make than the tests take. They are good for nothing else: everybody knows them.
#
# alpha, beta: the two stations. gamma: somebody else, and the old key at a change-over.
# NAME.pem is signed by its own key, NAME-by-ca.pem by the authority ca.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
: >"$work/index.txt"
printf '01\n' >"$work/serial"
cat >"$work/ca.conf" <<CONF
[ca]
default_ca=d
[d]
database=$work/index.txt
serial=$work/serial
new_certs_dir=$work
default_md=sha256
policy=p
unique_subject=no
copy_extensions=none
[p]
commonName=supplied
[req]
distinguished_name=n
[n]
[authority]
basicConstraints=critical,CA:TRUE
[alpha]
basicConstraints=CA:FALSE
subjectAltName=DNS:alpha.example
[beta]
basicConstraints=CA:FALSE
subjectAltName=DNS:beta.example
[gamma]
basicConstraints=CA:FALSE
subjectAltName=DNS:gamma.example
CONF

# certify KEY FILE EXTENSIONS FROM UNTIL [OPTIONS...]
certify() {
    key=$1 file=$2 extensions=$3 from=$4 until=$5
    shift 5
    openssl req -new -config "$work/ca.conf" -key "$key.key" -subj "/CN=$key" -out "$work/csr"
    openssl ca -batch -notext -config "$work/ca.conf" -in "$work/csr" -out "$file.pem" \
        -extensions "$extensions" -startdate "$from" -enddate "$until" "$@" 2>/dev/null
}
own() { certify "$1" "$2" "$3" "$4" "$5" -selfsign -keyfile "$1.key"; }

from=20240101000000Z until=21231231235959Z
for name in ca alpha beta gamma; do
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$name.key" 2>/dev/null ||
        openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$name.key" 2>/dev/null
done
own ca ca authority $from $until
for name in alpha beta gamma; do
    own $name $name $name $from $until
    certify $name $name-by-ca $name $from $until -cert ca.pem -keyfile ca.key
done
# Of the same key: one that is over, and a newer one than beta.pem.
own beta beta-expired beta 20200101000000Z 20210101000000Z
own alpha alpha-expired alpha 20200101000000Z 20210101000000Z
# The same key behind a passphrase, alone and with its certificate.
openssl pkcs8 -topk8 -in alpha.key -out alpha-encrypted.key -passout file:passphrase
openssl pkcs12 -export -inkey alpha.key -in alpha.pem -name alpha -out alpha.p12 \
    -passout file:passphrase
rm ca.key
