#!/bin/sh
# Certificates for a training together: root.pem goes to the sites; own.pem and key.pem stay here.
# Use: sh deploy/federation-certificates.sh HOST [DAYS], in a folder of its own.
set -eu
host=${1:?name or address of the server, as the sites call it}
days=${2:-30}
case $host in
*[!0-9.]*) name=DNS:$host ;;
*) name=IP:$host ;;
esac
umask 077
openssl req -x509 -newkey rsa:3072 -nodes -days "$days" -subj "/CN=Training together" \
  -addext basicConstraints=critical,CA:TRUE -keyout root.key -out root.pem 2>/dev/null
openssl req -newkey rsa:3072 -nodes -subj "/CN=$host" -keyout key.pem -out own.csr 2>/dev/null
printf 'subjectAltName=%s\n' "$name" >own.ext
openssl x509 -req -in own.csr -CA root.pem -CAkey root.key -CAcreateserial -days "$days" \
  -extfile own.ext -out own.pem 2>/dev/null
# Nobody can make another certificate that the sites would trust.
rm -f root.key root.srl own.csr own.ext
chmod 644 root.pem
echo "root.pem for the sites; own.pem and key.pem for the server $host; for $days days"
