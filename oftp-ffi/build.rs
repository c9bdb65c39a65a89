//! Gives liboftp.so its soname, which names the ABI and not the release, and keeps it loaded.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        // A host may dlclose what still has handles, and threads that still have our storage.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        // cargo-c sets its own (package.metadata.capi.library); two would contradict each other.
        if std::env::var_os("CARGO_FEATURE_CAPI").is_none() {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,liboftp.so.0");
        }
    }
}
