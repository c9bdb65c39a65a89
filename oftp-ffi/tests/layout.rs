//! The layout of every structure of the header, as it was released: members keep their places, and
//! new ones come behind them. What this test finds is what a program that is not built anew would
//! meet.

#[path = "support/mod.rs"]
mod support;

use std::fmt::Write;
use std::process::Command;

use support::header::Header;

/// `structure.member offset size` for each member, as the compiler of C has it.
fn layout() -> String {
    let header = Header::read();
    let mut program = String::from("#include \"oftp.h\"\n#include <stdio.h>\nint main(void)\n{\n");
    for structure in header.structures() {
        for member in header.members(&structure) {
            let _ = writeln!(
                program,
                "    printf(\"{structure}.{member} %zu %zu\\n\", offsetof({structure}, {member}), \
                 sizeof((({structure} *)0)->{member}));"
            );
        }
    }
    program.push_str("    return 0;\n}\n");
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("layout.c");
    std::fs::write(&source, program).expect("written");
    let binary = folder.path().join("layout");
    support::build(&source, &binary, &[]);
    support::run(&mut Command::new(binary))
}

#[test]
fn members_keep_their_places() {
    if cfg!(not(all(target_pointer_width = "64", target_os = "linux"))) {
        println!("the committed layout is that of Linux with 64 bits: left out");
        return;
    }
    let path = support::here().join("abi/layout.txt");
    let now = layout();
    if std::env::var_os("OFTP_WRITE_LAYOUT").is_some() {
        std::fs::write(&path, &now).expect("oftp-ffi/abi/layout.txt can be written");
    }
    let released = std::fs::read_to_string(&path).expect("oftp-ffi/abi/layout.txt is there");
    let missing: Vec<&str> = released
        .lines()
        .filter(|line| !now.lines().any(|other| other == *line))
        .collect();
    assert!(
        missing.is_empty(),
        "these members have moved or gone, which breaks programs that are built already: \
         {missing:#?}"
    );
    assert_eq!(
        released, now,
        "the header has new members; run `make abi`, and look at the change"
    );
}
