//! include/oftp.h as data: its functions, with their parameters and what their texts say of them.

/// A function of the header.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) result: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) documentation: String,
}

/// One parameter.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    /// As in C, without the name: `const oftp_config *`.
    pub(crate) kind: String,
    pub(crate) name: String,
    /// What `\param` says.
    pub(crate) documentation: String,
}

impl Parameter {
    pub(crate) fn is_pointer(&self) -> bool {
        self.kind.contains('*') || self.kind.contains("(*")
    }

    /// Whether the text allows NULL, or leaves it to another function's.
    pub(crate) fn may_be_null(&self) -> bool {
        self.documentation.contains("NULL") || self.documentation.contains("As for")
    }

    /// The type that a pointer points to, without `const`.
    pub(crate) fn target(&self) -> String {
        let kind = self.kind.replace("const ", "");
        kind.replacen('*', "", 1).trim().to_owned()
    }
}

/// The header.
pub(crate) struct Header {
    text: String,
}

impl Header {
    pub(crate) fn read() -> Self {
        let path = super::root().join("include/oftp.h");
        let text = std::fs::read_to_string(path).expect("include/oftp.h is there");
        Self { text }
    }

    /// The opaque types: those that have handles.
    pub(crate) fn handles(&self) -> Vec<String> {
        let lines = self.text.lines();
        let opaque = lines.filter_map(|line| {
            let (kind, name) = line
                .strip_prefix("typedef struct ")?
                .strip_suffix(';')?
                .split_once(' ')?;
            (kind == name).then(|| name.to_owned())
        });
        opaque.collect()
    }

    /// The structures that begin with their size.
    pub(crate) fn structures(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut rest = self.text.as_str();
        while let Some(at) = rest.find("typedef struct {") {
            rest = &rest[at + 1..];
            let Some(end) = rest.find("\n} ") else { break };
            let body = &rest[..end];
            let name = rest[end + 3..].split(';').next().unwrap_or_default();
            if body.contains("size_t struct_size;") {
                found.push(name.to_owned());
            }
        }
        found
    }

    /// The names of all members of a structure, callbacks among them.
    pub(crate) fn members(&self, structure: &str) -> Vec<String> {
        let body = self.body(structure);
        let statements = body
            .split(';')
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let name = |text: &str| match text.split_once("(*") {
            Some((_, callback)) => callback.split(')').next().unwrap_or_default().to_owned(),
            None => {
                let text = text.split('[').next().unwrap_or_default();
                let at = text.rfind([' ', '*']).map_or(0, |at| at + 1);
                text[at..].to_owned()
            }
        };
        statements.map(name).collect()
    }

    /// A structure's declarations, without comments.
    fn body(&self, structure: &str) -> String {
        let end = self
            .text
            .find(&format!("\n}} {structure};"))
            .expect("a structure");
        let start = self.text[..end]
            .rfind("typedef struct {")
            .expect("its beginning");
        let mut body = String::new();
        let mut in_comment = false;
        for line in self.text[start..end].lines().skip(1).map(str::trim) {
            in_comment |= line.starts_with("/*");
            if in_comment {
                in_comment = !line.ends_with("*/");
                continue;
            }
            body.push_str(line);
            body.push(' ');
        }
        body
    }

    /// The fields of a structure behind its size: type, name, and the length of an array.
    pub(crate) fn fields(&self, structure: &str) -> Vec<(String, String, Option<usize>)> {
        let body = self.body(structure);
        let statements = body.split(';').map(str::trim).filter(|text| {
            !text.is_empty() && !text.contains("(*") && *text != "size_t struct_size"
        });
        let field = |text: &str| {
            let (text, array) = match text.split_once('[') {
                Some((before, len)) => {
                    let len = len.trim_end_matches(']').parse().expect("a length");
                    (before, Some(len))
                }
                None => (text, None),
            };
            let at = text.rfind([' ', '*']).map_or(0, |at| at + 1);
            (text[..at].trim().to_owned(), text[at..].to_owned(), array)
        };
        statements.map(field).collect()
    }

    /// Every function, in the order of the header.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        let mut documentation = String::new();
        let mut declaration = String::new();
        let mut in_comment = false;
        let mut in_cpp = false;
        let mut depth = 0usize;
        for line in self.text.lines() {
            let trimmed = line.trim();
            if in_comment || trimmed.starts_with("/*") {
                if !in_comment {
                    documentation.clear();
                }
                let text = trimmed.trim_start_matches("/**").trim_start_matches("/*");
                let text = text.trim_end_matches("*/").trim_start_matches('*').trim();
                documentation.push_str(text);
                documentation.push('\n');
                in_comment = !trimmed.ends_with("*/");
                continue;
            }
            // What only C++ sees.
            match trimmed {
                "#ifdef __cplusplus" => in_cpp = true,
                "#else" => in_cpp = false,
                _ if trimmed.starts_with("#endif") => in_cpp = false,
                _ => {}
            }
            if in_cpp || trimmed.starts_with('#') || trimmed.is_empty() {
                continue;
            }
            depth += trimmed.matches('{').count();
            if depth == 0 && !trimmed.starts_with('}') {
                declaration.push_str(trimmed);
                declaration.push(' ');
                if trimmed.ends_with(';') {
                    let whole = std::mem::take(&mut declaration);
                    functions.extend(function(&whole, &documentation));
                }
            }
            depth = depth.saturating_sub(trimmed.matches('}').count());
            if depth == 0 && trimmed.starts_with('}') {
                declaration.clear();
            }
        }
        functions
    }
}

fn function(declaration: &str, documentation: &str) -> Option<Function> {
    let (head, rest) = declaration.split_once('(')?;
    if head.starts_with("typedef") || rest.is_empty() {
        return None;
    }
    let at = head.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))? + 1;
    let (result, name) = head.split_at(at);
    if !name.starts_with("oftp_") {
        return None;
    }
    let inside = rest
        .trim()
        .trim_end_matches(';')
        .trim_end()
        .strip_suffix(')')?;
    let parameters = split(inside)
        .into_iter()
        .filter(|parameter| parameter != "void")
        .map(|parameter| named(&parameter, documentation))
        .collect();
    Some(Function {
        name: name.to_owned(),
        result: result.trim().to_owned(),
        parameters,
        documentation: documentation.to_owned(),
    })
}

/// Parameters, with commas between them that are not inside brackets.
fn split(inside: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in inside.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("one").push(c);
    }
    parts
        .iter()
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

fn named(parameter: &str, documentation: &str) -> Parameter {
    let (kind, name) = if let Some((before, after)) = parameter.split_once("(*") {
        // A function: `int32_t (*progress)(uint64_t done, void *user_data)`.
        let (name, arguments) = after.split_once(')').unwrap_or((after, ""));
        (format!("{before}(*){arguments}"), name.to_owned())
    } else {
        let at = parameter
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .map_or(0, |at| at + 1);
        (
            parameter[..at].trim().to_owned(),
            parameter[at..].to_owned(),
        )
    };
    let tag = format!("\\param {name} ");
    let text = documentation.split_once(&tag).map_or("", |(_, text)| text);
    let end = [
        text.find("\\param"),
        text.find("\\return"),
        text.find("\n\n"),
    ];
    let end = end.into_iter().flatten().min().unwrap_or(text.len());
    Parameter {
        kind,
        name,
        documentation: text[..end].to_owned(),
    }
}
