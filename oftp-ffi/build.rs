//! Gives liboftp.so its soname, which names the ABI and not the release.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // cargo-c sets its own (package.metadata.capi.library); two would contradict each other.
    let by_cargo_c = std::env::var_os("CARGO_FEATURE_CAPI").is_some();
    let is_elf = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    if is_elf && !by_cargo_c {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,liboftp.so.0");
    }
}
