#!/bin/sh
# Makes what the processes of a cluster need to trust each other, in a folder: an authority (ca.crt, ca.key), one certificate
# for all of them (tls.crt, tls.key), a file of tokens (tokens.yaml), the token that the roles show to each other
# (cluster.token) and that of the first administrator (admin.token). What is there already stays; a file is there whole or not at all.
#
#   cluster-init.sh FOLDER NAME…     the names and addresses under which the processes are reached
#
# It needs openssl and berthd. A certificate ends after 825 days: remove tls.crt and run it again, berthd reads the new one.
set -eu

if [ "$#" -lt 2 ]; then
  echo 'usage: cluster-init.sh FOLDER NAME…, for example: cluster-init.sh ./secrets localhost 127.0.0.1 gateway' >&2
  exit 64
fi
cd "$1"
shift
umask 077
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'

if [ ! -e ca.crt ]; then
  # shellcheck disable=SC2086 # the options of a key are several words
  openssl req -x509 $key -days 3650 -subj '/CN=Berth cluster' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout ca.key -out ca.crt.new
  mv ca.crt.new ca.crt
  echo 'made ca.crt: clients need it (BERTH_CA)'
fi

if [ ! -e tls.crt ]; then
  names=
  for name; do
    case $name in
      *[!0-9.]*) kind=DNS ;;
      *) kind=IP ;;
    esac
    names="$names${names:+,}$kind:$name"
  done
  # shellcheck disable=SC2086
  openssl req $key -subj '/CN=berth' -addext "subjectAltName=$names" -addext 'extendedKeyUsage=serverAuth,clientAuth' \
    -keyout tls.key.new -out tls.csr
  openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -copy_extensions copy -out tls.crt.new
  rm tls.csr
  mv tls.key.new tls.key
  mv tls.crt.new tls.crt
  echo "made tls.crt for $names"
fi

for token in cluster admin; do
  if [ ! -e "$token.token" ]; then
    berthd token new "$token" --role admin --append tokens.yaml >"$token.token.new"
    mv "$token.token.new" "$token.token"
    echo "made $token.token"
  fi
done
