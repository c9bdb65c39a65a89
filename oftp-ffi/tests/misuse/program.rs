//! The C program that misuses every function of the header.

use std::fmt::Write;

use crate::support::header::{Function, Header, Parameter};

/// Written before what is generated.
const BEFORE: &str = r#"
/* Not every helper is needed for every header. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "exchange.h"

static unsigned cases, wrong;
enum { ANY = 1000, FAILS = 1001 };

/* One case: what was called, what it gave, and what it had to give. */
static void check(const char *call, oftp_status status, oftp_status expected)
{
    const char *text = oftp_last_error();
    int good = expected == ANY || (expected == FAILS && status < 0) || status == expected;
    cases++;
    if (good && (status < 0) == (*text != 0) && !strchr(text, '\n'))
        return;
    wrong++;
    printf("%s: %s (%d), expected %d: \"%s\"\n", call, oftp_status_name(status), (int)status,
           (int)expected, text);
}

static uint8_t octets[65536] = "octets";

static oftp_station *any_station(void)
{
    oftp_station *made = NULL;
    oftp_station_open(&made, STATION);
    return made;
}

static void *sized(void *structure, size_t size)
{
    memcpy(structure, &size, sizeof size);
    return structure;
}

#define FIELD(type, structure, field, value) \
    (((type *)(structure))->field = (value), (structure))
#define FILL(type, structure, field) \
    (memset(((type *)(structure))->field, 'x', sizeof ((type *)0)->field), (structure))
"#;

/// What C writes for a parameter that is right.
fn valid(parameter: &Parameter, header: &Header) -> String {
    let kind = parameter.kind.as_str();
    let target = parameter.target();
    if kind.contains("(*)") {
        return "NULL".to_owned();
    }
    if header.handles().contains(&target) {
        return format!("live_{target}()");
    }
    if let Some(handle) = target
        .strip_suffix(" *")
        .or_else(|| target.strip_suffix('*'))
    {
        let handle = handle.trim();
        if header.handles().contains(&handle.to_owned()) {
            return format!("out_{handle}()");
        }
    }
    if header.structures().contains(&target) {
        return format!("valid_{target}()");
    }
    match kind {
        "const char *" if parameter.name.contains("path") => "\"/nowhere/at/all\"".to_owned(),
        "const char *" => "\"words\"".to_owned(),
        "const uint8_t *" | "const void *" => "octets".to_owned(),
        "uint8_t *" => "out_octets()".to_owned(),
        "void *" => "NULL".to_owned(),
        "size_t" if parameter.name == "index" => "0".to_owned(),
        "size_t" => "20".to_owned(),
        "oftp_progress" => "NULL".to_owned(),
        "int32_t" if parameter.name.contains("fd") => "-1".to_owned(),
        "int32_t" | "oftp_status" | "uint32_t" | "uint64_t" | "int64_t" => "0".to_owned(),
        "int" => "-1".to_owned(),
        "size_t *" | "uint64_t *" | "int32_t *" | "int64_t *" | "uint32_t *" | "short *"
        | "int *" | "int16_t *" => "out_number()".to_owned(),
        "const uint8_t **" | "uint8_t **" | "const char **" | "void **" => {
            "out_pointer()".to_owned()
        }
        other => panic!("teach this test about parameters of type `{other}`: {parameter:?}"),
    }
}

fn arguments(function: &Function, header: &Header) -> Vec<String> {
    function
        .parameters
        .iter()
        .map(|p| valid(p, header))
        .collect()
}

/// A call with one argument replaced.
fn call(function: &Function, arguments: &[String], at: usize, with: &str) -> String {
    let mut arguments = arguments.to_vec();
    with.clone_into(&mut arguments[at]);
    format!("{}({})", function.name, arguments.join(", "))
}

pub(crate) fn generate(header: &Header) -> String {
    let functions: Vec<Function> = header.functions();
    let mut out = BEFORE.to_owned();
    helpers(&mut out, header);
    let mut names = Vec::new();
    for function in functions.iter().filter(|f| f.result == "oftp_status") {
        if function.name == "oftp_status_name" {
            continue;
        }
        let first = function.parameters.first();
        let of_session = first.is_some_and(|p| p.target() == "oftp_session");
        names.push((function.name.clone(), of_session));
        let _ = writeln!(out, "static void misuse_{}(void)\n{{", function.name);
        cases(&mut out, function, header);
        out.push_str("}\n\n");
    }
    inside_callbacks(&mut out, &functions, header);
    out.push_str("int main(int argc, char **argv)\n{\n");
    // valgrind is slow, and at RSA very: with an argument the functions of sessions alone.
    for (name, of_session) in &names {
        let when = if *of_session { "" } else { "if (argc == 1) " };
        let _ = writeln!(out, "    {when}misuse_{name}();");
    }
    out.push_str(AFTER);
    out
}

/// A handle, a structure and places for results of every type.
fn helpers(out: &mut String, header: &Header) {
    out.push_str(
        "static uint8_t *out_octets(void) { static uint8_t room[65536]; return room; }\n\
         static void *out_number(void) { static uint64_t number; return &number; }\n\
         static void *out_pointer(void) { static void *pointer; return &pointer; }\n",
    );
    for structure in header.structures() {
        let _ = writeln!(
            out,
            "static {structure} *valid_{structure}(void)\n{{\n    static {structure} value;\n    \
             memset(&value, 0, sizeof value);\n    value.struct_size = sizeof value;\n    {}\n    \
             return &value;\n}}",
            fields(&structure)
        );
    }
    for handle in header.handles() {
        let maker = maker(&handle, header);
        // One that is opened again and again costs time, and one that runs lets others wait.
        let again = match handle.as_str() {
            "oftp_station" => "if (oftp_station_stop(made, 0) >= 0) return made;",
            _ => "",
        };
        let _ = writeln!(
            out,
            "static {handle} *live_{handle}(void)\n{{\n    static {handle} *made;\n    {again}\n    \
             {handle}_free(made);\n    made = NULL;\n    {maker}\n    \
             if (!made) {{ printf(\"{handle}: %s\\n\", oftp_last_error()); wrong++; }}\n    \
             return made;\n}}\n\
             static {handle} *freed_{handle}(void)\n{{\n    {handle} *made = NULL;\n    {maker}\n    \
             {handle}_free(made);\n    return made;\n}}\n\
             static {handle} **out_{handle}(void)\n{{\n    static {handle} *made;\n    \
             {handle}_free(made);\n    made = NULL;\n    return &made;\n}}"
        );
    }
}

/// C that makes a handle of this type in `made`.
fn maker(handle: &str, header: &Header) -> String {
    let special = special_maker(handle);
    if let Some(special) = special {
        return special.to_owned();
    }
    let name = format!("{handle}_new");
    let functions = header.functions();
    let function = functions.iter().find(|f| f.name == name);
    let function = function.unwrap_or_else(|| panic!("teach this test how to make an {handle}"));
    let mut arguments = arguments(function, header);
    "&made".clone_into(&mut arguments[0]);
    format!("{name}({});", arguments.join(", "))
}

/// Handles that need more than zeros.
fn special_maker(handle: &str) -> Option<&'static str> {
    match handle {
        "oftp_session" => {
            Some("oftp_session_new(&made, NULL, valid_oftp_user_monitor(), NULL, NULL);")
        }
        "oftp_octets" => {
            Some("oftp_cms_seal_memory(valid_oftp_cms_seal_plan(), octets, 20, NULL, NULL, &made);")
        }
        // A folder is made once. It does not run at first: what waits in it returns at once.
        "oftp_station" => Some("made = any_station();"),
        "oftp_keystore" => Some(
            "oftp_keystore_new(&made);\n    oftp_keystore_add_file(made, KEYS \"/alpha.key\", NULL);\n    \
             oftp_keystore_add_file(made, KEYS \"/alpha.pem\", NULL);",
        ),
        _ => None,
    }
}

/// What a structure needs to be good for something, beside its size.
fn fields(structure: &str) -> &'static str {
    match structure {
        "oftp_cms_seal_plan" => "value.compression = 6;",
        "oftp_cms_open_plan" => "value.compression = 1;",
        "oftp_virtual_file" => {
            "strcpy(value.dsn, \"FILE\"); strcpy(value.date, \"20261126\"); \
             strcpy(value.time, \"1200000001\"); strcpy(value.originator, \"O0177CALLER\"); \
             strcpy(value.destination, \"O0177CALLED\");"
        }
        "oftp_mailbox_config" => "value.code = \"O0177CALLER\";",
        "oftp_station_file" => "value.octets = octets; value.len = 20; value.name = \"FILE\";",
        "oftp_partner" => "value.code = \"O0177CALLED\";",
        "oftp_connect" => "strcpy(value.code, \"O0177CALLER\");",
        _ => "",
    }
}

fn cases(out: &mut String, function: &Function, header: &Header) {
    let arguments = arguments(function, header);
    // Of two mistakes either may be told; a session looks at its parameters first.
    let first = function.parameters.first();
    let of_session = first.is_some_and(|p| p.target() == "oftp_session");
    let whole = format!("{}({})", function.name, arguments.join(", "));
    let exactly = |code: &str| {
        if of_session {
            code.to_owned()
        } else {
            format!("right ? {code} : FAILS")
        }
    };
    if !of_session {
        let _ = writeln!(out, "    const int right = {whole} >= 0;\n    (void)right;");
    }
    let mut case = |call: String, expected: &str| {
        let shown = call.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(out, "    check(\"{shown}\", {call}, {expected});");
    };
    case(whole, "ANY");
    for (at, parameter) in function.parameters.iter().enumerate() {
        let target = parameter.target();
        let with = |value: &str| call(function, &arguments, at, value);
        if parameter.is_pointer() && parameter.name != "user_data" {
            let frees = function.name.ends_with("_free");
            let callback = parameter.kind.contains("(*)") || parameter.kind == "oftp_progress";
            let expected = if frees {
                "OFTP_OK".to_owned()
            } else if parameter.may_be_null() || callback {
                "ANY".to_owned()
            } else {
                exactly("OFTP_E_NULL")
            };
            // A length says whether octets are wanted: (NULL, 0) is an empty buffer.
            case(with("NULL"), &expected);
        }
        if header.handles().contains(&target) {
            case(
                with(&format!("freed_{target}()")),
                &exactly("OFTP_E_BAD_HANDLE"),
            );
            case(
                with(&format!("({target} *)octets")),
                &exactly("OFTP_E_BAD_HANDLE"),
            );
            case(
                with(&format!("({target} *)(octets + 1)")),
                &exactly("OFTP_E_BAD_HANDLE"),
            );
            case(
                with(&format!("({target} *)(uintptr_t)-1")),
                &exactly("OFTP_E_BAD_HANDLE"),
            );
            case(
                with(&format!("({target} *)(uintptr_t)1")),
                &exactly("OFTP_E_BAD_HANDLE"),
            );
            for other in header.handles() {
                if other != target {
                    case(
                        with(&format!("({target} *)live_{other}()")),
                        &exactly("OFTP_E_BAD_HANDLE"),
                    );
                }
            }
        }
        if header.structures().contains(&target) {
            for size in ["0", "1", "sizeof(size_t)", "(size_t)1 << 30", "(size_t)-1"] {
                let value = format!("sized(valid_{target}(), {size})");
                case(with(&value), &exactly("OFTP_E_STRUCT_SIZE"));
            }
            for (kind, field, array) in header.fields(&target) {
                let set = |value: &str| {
                    let structure = format!("valid_{target}()");
                    format!("FIELD({target}, {structure}, {field}, {value})")
                };
                match (kind.as_str(), array) {
                    // Strings without an end.
                    ("char", Some(_)) => {
                        case(
                            with(&format!("FILL({target}, valid_{target}(), {field})")),
                            "ANY",
                        );
                    }
                    ("int32_t", None) => {
                        for value in ["-1", "INT32_MIN", "INT32_MAX", "12345", "7"] {
                            case(with(&set(value)), "ANY");
                        }
                    }
                    ("uint32_t", None) => case(with(&set("UINT32_MAX")), "ANY"),
                    ("uint64_t", None) => case(with(&set("UINT64_MAX")), "ANY"),
                    ("size_t", None) => case(with(&set("SIZE_MAX")), "ANY"),
                    ("const char *", None) => case(with(&set("\"\\xff not UTF-8\"")), "ANY"),
                    _ => {}
                }
            }
        }
        match parameter.kind.as_str() {
            "int32_t" => {
                for value in ["-1", "INT32_MIN", "INT32_MAX", "12345", "7"] {
                    case(with(value), "ANY");
                }
            }
            "uint32_t" => case(with("UINT32_MAX"), "ANY"),
            "uint64_t" => {
                case(with("UINT64_MAX"), "ANY");
                case(with("UINT64_MAX / 2"), "ANY");
            }
            "int64_t" => {
                case(with("INT64_MIN"), "ANY");
                case(with("INT64_MAX"), "ANY");
            }
            "int" => case(with("1 << 20"), "ANY"),
            // Room that nobody has is enough room.
            "size_t" if parameter.name == "room" => case(with("0"), "ANY"),
            "size_t" => {
                case(with("0"), "ANY");
                // No address space has it: it must be seen before it is used.
                case(with("SIZE_MAX"), "FAILS");
                case(with("(size_t)PTRDIFF_MAX + 1"), "FAILS");
            }
            "const char *" => {
                case(with("\"\""), "ANY");
                case(with("\"\\xff\\xfe not UTF-8\""), "ANY");
            }
            _ => {}
        }
    }
}

/// Calls every function inside every callback of an exchange.
fn inside_callbacks(out: &mut String, functions: &[Function], header: &Header) {
    let mut table = String::new();
    let mut of_sessions = 0;
    for function in functions.iter().filter(|f| f.result == "oftp_status") {
        if function.name == "oftp_status_name" {
            continue;
        }
        let mut arguments = arguments(function, header);
        for (argument, parameter) in arguments.iter_mut().zip(&function.parameters) {
            if parameter.target() == "oftp_session" {
                "session".clone_into(argument);
            }
        }
        let expected = match function.name.as_str() {
            "oftp_dispatch" | "oftp_session_free" => "OFTP_E_REENTERED",
            _ => "ANY",
        };
        let name = &function.name;
        let _ = writeln!(
            out,
            "static void act_{name}(oftp_session *session, void *context)\n{{\n    (void)session;\n    \
             check(context, {name}({}), {expected});\n}}",
            arguments.join(", ")
        );
        let of_session = function
            .parameters
            .first()
            .is_some_and(|p| p.target() == "oftp_session");
        let line = format!("    {{\"{name} in a callback\", act_{name}}},\n");
        if of_session {
            // They stand first: with an argument the others are left out.
            table.insert_str(0, &line);
            of_sessions += 1;
        } else {
            table.push_str(&line);
        }
    }
    let _ = write!(
        out,
        "\nstatic const struct {{ const char *name; void (*act)(oftp_session *, void *); }} ACTS[] = {{\n\
         {table}}};\n#define OF_SESSIONS {of_sessions}\n\n"
    );
}

/// Written after what is generated; `main` is open.
const AFTER: &str = r#"    {
        size_t act;
        int callback, way;
        (void)argv;
        static const unsigned char content[] = "0123456789012345678901234567890123456789";
        for (callback = 0; callback < CALLBACKS; callback++) {
            for (act = callback % 7 * (argc > 1);
                 act < (argc > 1 ? OF_SESSIONS : sizeof ACTS / sizeof *ACTS);
                 act += argc > 1 ? 7 : 1) {
                int reached = 0;
                /* Some callbacks need an exchange of their own. */
                for (way = 0; way < 4 && !reached; way++) {
                    side sides[SIDES];
                    interference there = {0};
                    exchange_plan plan = {0};
                    there.in_callback = callback;
                    there.act = ACTS[act].act;
                    there.context = (void *)ACTS[act].name;
                    plan.level = OFTP_LEVEL_2_0;
                    plan.format = OFTP_FORMAT_U;
                    plan.authenticate = 1;
                    plan.content = content;
                    plan.len = sizeof content;
                    plan.push_octets = callback >= CB_N_CON_RQ;
                    plan.negative = way == 1;
                    plan.push_data = way == 2;
                    plan.odd_count = way == 2;
                    plan.window = way == 2;
                    plan.wrong_partner = way == 3;
                    plan.interference = &there;
                    exchange_run_on(sides, &plan);
                    exchange_free(sides);
                    reached = there.done;
                }
                if (!reached) {
                    wrong++;
                    printf("callback %d was not reached for %s\n", callback, ACTS[act].name);
                }
            }
        }
    }
    printf("%u cases\n", cases);
    if (wrong)
        printf("%u wrong\n", wrong);
    return wrong != 0;
}
"#;
