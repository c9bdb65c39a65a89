#!/bin/sh
# Installs what cargo has built, or takes it away again; `make install` and `make uninstall` call
# it. Usage: install.sh install|uninstall BUILD-FOLDER PREFIX LIBDIR, with DESTDIR in the
# environment for packages. LIBDIR is relative to PREFIX: lib, lib64, lib/x86_64-linux-gnu ...
set -eu

what=$1 build=$2 prefix=$3 libdir=$4
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
version=$(sed -n 's/^#define OFTP_VERSION "\(.*\)"/\1/p' "$root/include/oftp.h")
# The ABI's number, as in build.rs.
abi=0
# cargo rustc -p oftp-ffi --crate-type staticlib -- --print native-static-libs
static_libs="-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc"

case $prefix in /*) ;; *) echo "PREFIX must begin with /, it is '$prefix'" >&2; exit 1 ;; esac
to=${DESTDIR:-}$prefix
lib=$to/$libdir

uninstall() {
    for part in "$root"/include/oftp/*.hpp; do rm -f "$to/include/oftp/${part##*/}"; done
    rm -f "$to/include/oftp.h" "$to/include/oftp.hpp" "$lib/liboftp.a" "$lib/liboftp.so" \
        "$lib/liboftp.so.$abi" "$lib/liboftp.so.$version" "$lib/pkgconfig/oftp.pc" \
        "$lib/cmake/oftp/oftpConfig.cmake" "$lib/cmake/oftp/oftpConfigVersion.cmake"
    for folder in "$lib/cmake/oftp" "$to/include/oftp"; do
        if [ -d "$folder" ]; then rmdir "$folder"; fi
    done
}

# fill TEMPLATE FILE STATIC-LIBS: FILE lies in a folder from which PREFIX is so many steps up.
fill() {
    up=$(realpath -m --relative-to="$(dirname "$2")" "$to")
    # sizeof(void *) of the library, by the class in its ELF header.
    case $(od -An -tu1 -j4 -N1 "$build/liboftp.so" | tr -d ' ') in
    1) octets=4 ;;
    *) octets=8 ;;
    esac
    sed -e "s|@up@|$up|g" -e "s|@libdir@|$libdir|g" -e "s|@version@|$version|g" \
        -e "s|@abi@|$abi|g" -e "s|@pointer_octets@|$octets|g" -e "s|@static_libs@|$3|g" \
        "$here/$1.in" > "$2"
    chmod 644 "$2"
}

# SQLite is compiled in, and is renamed in the static library: a host may have one of its own.
own_sqlite() {
    renamed=$lib/liboftp.renamed
    "${NM:-nm}" -g --defined-only "$build/liboftp.a" 2>/dev/null |
        awk 'NF == 3 && $3 ~ /^sqlite3/ { print $3, "oftp_" $3 }' | sort -u > "$renamed"
    "${OBJCOPY:-objcopy}" --redefine-syms="$renamed" "$build/liboftp.a" "$lib/liboftp.a"
    chmod 644 "$lib/liboftp.a"
    rm "$renamed"
}

case $what in
install)
    mkdir -p "$to/include/oftp" "$lib/pkgconfig" "$lib/cmake/oftp"
    install -m 644 "$root/include/oftp.h" "$root/include/oftp.hpp" "$to/include"
    install -m 644 "$root"/include/oftp/*.hpp "$to/include/oftp"
    own_sqlite
    install -m 755 "$build/liboftp.so" "$lib/liboftp.so.$version"
    ln -sf "liboftp.so.$version" "$lib/liboftp.so.$abi"
    ln -sf "liboftp.so.$abi" "$lib/liboftp.so"
    fill oftp.pc "$lib/pkgconfig/oftp.pc" "$static_libs"
    fill oftpConfig.cmake "$lib/cmake/oftp/oftpConfig.cmake" "$(echo "$static_libs" | tr ' ' ';')"
    fill oftpConfigVersion.cmake "$lib/cmake/oftp/oftpConfigVersion.cmake" ""
    ;;
uninstall) uninstall ;;
*) echo "usage: install.sh install|uninstall BUILD-FOLDER PREFIX LIBDIR" >&2; exit 1 ;;
esac
