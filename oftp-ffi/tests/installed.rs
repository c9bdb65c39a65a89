//! The C library as installed: `make install` into a folder of its own, then programs outside the
//! repository are compiled, linked in each way that is offered, and run.
//!
//! What needs a tool that is not there (cmake, pkg-config, clang++) says so and passes; with
//! `OFTP_TOOLS=required` it fails. A C and a C++ compiler, make and binutils must be there.

mod installed {
    pub(crate) mod examples;
    pub(crate) mod run;
}

use std::path::Path;

use installed::run::{compilers, crate_folder, has, lines, make, prefix, run, scratch, tool};

/// What is installed in `include`.
const HEADERS: [&str; 7] = [
    "oftp.h",
    "oftp.hpp",
    "oftp/base.hpp",
    "oftp/session.hpp",
    "oftp/services.hpp",
    "oftp/mailbox.hpp",
    "oftp/station.hpp",
];

/// The configuration of a station that listens and has a partner.
const STATION: &str = "[station]\nid = \"OALPHA\"\n[[listen]]\naddress = \"127.0.0.1:0\"\ntls = false\n\
                  [partner.beta]\nid = \"OBETA\"\ntls = \"off\"\n";

/// (threat model X7)
#[test]
fn symbols_are_those_of_the_list_and_all_begin_with_oftp() {
    let library = prefix().join("lib/liboftp.so");
    let shown = run(tool("nm").args(["-D", "--defined-only"]).arg(library));
    let name = |line: &str| line.split_whitespace().last().map(str::to_owned);
    let mut symbols: Vec<String> = shown.lines().filter_map(name).collect();
    symbols.sort();
    for symbol in &symbols {
        assert!(symbol.starts_with("oftp_"), "{symbol} is exported");
    }
    let path = crate_folder().join("abi/symbols.txt");
    let symbols = symbols.join("\n") + "\n";
    if std::env::var_os("OFTP_WRITE_SYMBOLS").is_some() {
        std::fs::write(&path, &symbols).expect("abi/symbols.txt can be written");
    }
    let list = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        list == symbols,
        "abi/symbols.txt is not what liboftp.so exports; if a function was added, run `make abi`, \
         and look at the change:\n{symbols}"
    );
}

#[test]
fn the_soname_names_the_abi_and_the_links_lead_to_the_release() {
    let lib = prefix().join("lib");
    let dynamic = run(tool("readelf").arg("-d").arg(lib.join("liboftp.so.0.1.0")));
    assert!(dynamic.contains("soname: [liboftp.so.0]"), "{dynamic}");
    let target = |link: &str| std::fs::read_link(lib.join(link)).expect("a link");
    assert_eq!(target("liboftp.so"), Path::new("liboftp.so.0"));
    assert_eq!(target("liboftp.so.0"), Path::new("liboftp.so.0.1.0"));
}

#[test]
fn the_header_is_c99_c11_and_cpp11_pedantic() {
    let folder = scratch("header");
    let include = prefix().join("include");
    let code = "#include <oftp.h>\n#include <oftp.h>\n\
                int main(void) { return oftp_version() == 0; }\n";
    let in_c = "#include <oftp.h>\nstatic const oftp_user_monitor m = OFTP_USER_MONITOR_INIT;\n\
                int main(void) { oftp_config c = OFTP_CONFIG_INIT; \
                return c.struct_size == m.struct_size; }\n";
    std::fs::write(folder.join("both.c"), code).expect("written");
    std::fs::write(folder.join("in_c.c"), in_c).expect("written");
    std::fs::write(folder.join("both.cpp"), code).expect("written");
    let (c, cpp) = compilers();
    let jobs = c
        .iter()
        .flat_map(|c| {
            [
                (c, "c99", "both.c"),
                (c, "c11", "both.c"),
                (c, "c99", "in_c.c"),
            ]
        })
        .chain(cpp.iter().map(|cpp| (cpp, "c++11", "both.cpp")));
    for (compiler, standard, file) in jobs {
        run(tool(compiler)
            .arg(format!("-std={standard}"))
            .args([
                "-pedantic-errors",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fsyntax-only",
            ])
            .arg("-I")
            .arg(&include)
            .arg(folder.join(file)));
    }
}

/// Compiles C++ of `tests/cpp` against the shared library; the program.
fn cpp(compiler: &str, name: &str, sources: &[&str]) -> std::path::PathBuf {
    let program = scratch("cpp").join(format!("{name}-{compiler}"));
    let lib = prefix().join("lib");
    let sources = sources
        .iter()
        .map(|s| crate_folder().join("tests/cpp").join(s));
    run(tool(compiler)
        .args([
            "-std=c++17",
            "-pedantic-errors",
            "-Wall",
            "-Wextra",
            "-Wshadow",
            "-Werror",
        ])
        .args(["-Wnon-virtual-dtor", "-Woverloaded-virtual", "-g"])
        .args(["-pthread", "-I"])
        .arg(prefix().join("include"))
        .args(sources)
        .arg("-L")
        .arg(&lib)
        .arg("-loftp")
        .arg(format!("-Wl,-rpath,{}", lib.display()))
        .arg("-o")
        .arg(&program));
    program
}

#[test]
fn oftp_hpp_is_good_in_two_translation_units() {
    for compiler in compilers().1 {
        run(&mut tool(cpp(
            &compiler,
            "two_units",
            &["two_units_a.cpp", "two_units_b.cpp"],
        )));
    }
}

/// The wrapper catches it, and throws it again outside (threat model X5).
#[test]
fn what_a_callback_throws_comes_out_of_dispatch_and_the_session_lives_on() {
    for compiler in compilers().1 {
        let out = run(&mut tool(cpp(&compiler, "exceptions", &["exceptions.cpp"])));
        assert_eq!(out, "every exception came out\n");
    }
}

/// The keys that the tests of the stations use.
fn keys() -> std::path::PathBuf {
    crate_folder().join("../oftp-station/tests/data/keys")
}

#[test]
fn the_file_services_serve_in_cpp_and_what_progress_throws_comes_out() {
    for compiler in compilers().1 {
        let program = cpp(&compiler, "services", &["services.cpp"]);
        let out = run(tool(program).arg(keys()));
        assert_eq!(out, "all services serve\n");
    }
}

#[test]
fn a_mailbox_runs_in_cpp_and_what_an_event_throws_comes_out() {
    for compiler in compilers().1 {
        let program = cpp(&compiler, "mailbox", &["mailbox.cpp"]);
        let folder = scratch(&format!("mailbox-{compiler}"));
        let out = run(tool(program).arg(keys()).arg(folder));
        assert_eq!(out, "every exception came out\n");
    }
}

#[test]
fn a_station_runs_in_cpp() {
    for compiler in compilers().1 {
        let program = cpp(&compiler, "station", &["station.cpp"]);
        let folder = scratch(&format!("station-{compiler}"));
        std::fs::write(folder.join("oftp.toml"), STATION).expect("written");
        let out = run(tool(program).arg(folder));
        assert_eq!(out, "a station runs in C++\n");
    }
}

/// A callback that is new in oftp.h, and that oftp.hpp does not know, would never be called.
#[test]
fn oftp_hpp_does_not_compile_where_it_lacks_a_callback() {
    let include = scratch("lacks");
    std::fs::create_dir_all(include.join("oftp")).expect("a folder");
    let installed = prefix().join("include");
    for file in HEADERS {
        std::fs::copy(installed.join(file), include.join(file)).expect("copied");
    }
    let header = std::fs::read_to_string(installed.join("oftp.h")).expect("a header");
    for (structure, list) in [
        ("oftp_user_monitor", "OFTP_HPP_MEMBERS"),
        ("oftp_mailbox_events", "OFTP_HPP_EVENTS"),
    ] {
        let end = format!("}} {structure};");
        let grown = header.replace(
            &end,
            &format!("    int32_t (*added)(void *user_data);\n{end}"),
        );
        assert_ne!(grown, header);
        for (text, good) in [(&header, true), (&grown, false)] {
            std::fs::write(include.join("oftp.h"), text).expect("written");
            let compiled = tool("c++")
                .args(["-std=c++17", "-fsyntax-only", "-x", "c++", "-include"])
                .arg(include.join("oftp.hpp"))
                .arg("/dev/null")
                .output()
                .expect("a compiler");
            let said = String::from_utf8_lossy(&compiled.stderr);
            assert_eq!(compiled.status.success(), good, "{said}");
            let why = format!("{list} lacks a member of {structure}");
            assert_eq!(said.contains(&why), !good, "{said}");
        }
    }
}

/// A program that knows nothing of the repository.
fn stranger(folder: &Path) -> std::path::PathBuf {
    let source = folder.join("stranger.c");
    let code = "#include <oftp.h>\n#include <stdio.h>\n\
                int main(void) { oftp_user_monitor m = OFTP_USER_MONITOR_INIT; oftp_session *s;\n\
                if (oftp_session_new(&s, NULL, &m, NULL, NULL) < 0) return 1;\n\
                puts(oftp_version()); return oftp_session_free(s); }\n";
    std::fs::write(&source, code).expect("written");
    source
}

#[test]
fn a_program_builds_by_pkg_config() {
    if !has("pkg-config") {
        return;
    }
    let folder = scratch("pkg-config");
    let source = stranger(&folder);
    let ask = |options: &[&str]| {
        let said = run(tool("pkg-config")
            .env("PKG_CONFIG_PATH", prefix().join("lib/pkgconfig"))
            .args(options)
            .arg("oftp"));
        said.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(ask(&["--modversion"]), ["0.1.0"]);
    for (kind, options) in [
        ("shared", &["--cflags", "--libs"][..]),
        ("static", &["--static", "--cflags", "--libs"][..]),
    ] {
        let mut flags = ask(options);
        if kind == "static" {
            // The linker takes the shared one where both are.
            let library = flags.iter_mut().find(|flag| *flag == "-loftp");
            *library.expect("-loftp") = "-l:liboftp.a".to_owned();
        }
        let program = folder.join(kind);
        run(tool("cc").arg(&source).args(flags).arg("-o").arg(&program));
        let needed = run(tool("readelf").arg("-d").arg(&program));
        let is_shared = !lines(&needed, "[liboftp.so.0]").is_empty();
        assert_eq!(is_shared, kind == "shared", "{needed}");
        let out = run(tool(&program).env("LD_LIBRARY_PATH", prefix().join("lib")));
        assert_eq!(out, "0.1.0\n");
    }
}

/// A host that has an SQLite of its own keeps it, and the station has ours: both in one program.
#[test]
fn a_host_keeps_its_own_sqlite() {
    let archive = prefix().join("lib/liboftp.a");
    let shown = run(tool("nm").args(["-g", "--defined-only"]).arg(&archive));
    let theirs = |line: &&str| {
        let name = line.split_whitespace().last().unwrap_or_default();
        name.starts_with("sqlite3")
    };
    assert_eq!(shown.lines().find(theirs), None);
    let folder = scratch("own_sqlite");
    std::fs::write(folder.join("oftp.toml"), STATION).expect("written");
    let lib = prefix().join("lib");
    let shared = [
        "-L".to_owned() + &lib.display().to_string(),
        "-loftp".to_owned(),
    ];
    let linked = [
        ("shared", &shared[..]),
        ("static", &[archive.display().to_string()][..]),
    ];
    for (kind, library) in linked {
        let program = folder.join(kind);
        run(tool("cc")
            .arg(crate_folder().join("tests/c/own_sqlite.c"))
            .arg("-I")
            .arg(prefix().join("include"))
            .args(library)
            .args(["-lpthread", "-ldl", "-lm", "-o"])
            .arg(&program));
        let out = run(tool(&program).arg(&folder).env("LD_LIBRARY_PATH", &lib));
        assert_eq!(out, "the host keeps its own SQLite\n");
    }
}

#[test]
fn uninstall_leaves_nothing() {
    let root = scratch("uninstall");
    for target in ["install", "uninstall"] {
        make(target, &root);
        let include = root.join("opt/oftp/include");
        for file in HEADERS {
            assert_eq!(include.join(file).exists(), target == "install", "{file}");
        }
        assert_eq!(include.join("oftp").exists(), target == "install");
    }
    let mut left = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                left.push(path);
            }
        }
    }
    assert!(left.is_empty(), "{left:?}");
}

#[test]
#[ignore = "builds everything once more; needs cargo-c"]
fn cargo_c_installs_the_same() {
    let folder = scratch("cargo-c");
    // Not emptied: what is built in it takes minutes.
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cargo-c");
    run(tool(env!("CARGO"))
        .current_dir(crate_folder().join(".."))
        .args(["cinstall", "--locked", "--profile", "dev", "-p", "oftp-ffi"])
        .args(["--prefix", "/opt/oftp", "--libdir", "/opt/oftp/lib"])
        .arg("--destdir")
        .arg(&folder)
        .arg("--target-dir")
        .arg(built));
    let prefix = folder.join("opt/oftp");
    for file in HEADERS {
        assert!(prefix.join("include").join(file).exists(), "no {file}");
    }
    assert!(prefix.join("lib/liboftp.a").exists(), "no liboftp.a");
    let dynamic = run(tool("readelf").arg("-d").arg(prefix.join("lib/liboftp.so")));
    assert!(dynamic.contains("soname: [liboftp.so.0]"), "{dynamic}");
    let source = stranger(&folder);
    let flags = run(tool("pkg-config")
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
        .arg(format!("--define-variable=prefix={}", prefix.display()))
        .args(["--cflags", "--libs", "oftp"]));
    let program = folder.join("stranger");
    run(tool("cc")
        .arg(source)
        .args(flags.split_whitespace())
        .arg("-o")
        .arg(&program));
    let out = run(tool(program).env("LD_LIBRARY_PATH", prefix.join("lib")));
    assert_eq!(out, "0.1.0\n");
}
