//! The fields of SSID, SFID, EERP and NERP, both ways (RFC 5024 5.3). Their classes are Python's
//! dataclasses of `oftp._fields`: read by attribute, made by position.

use oftp_core::session::{Agreed, ConnectRq, ConnectRs};
use oftp_core::wire::{Eerp, Nerp, NerpReason, Password, Security, Sfid, Ssid, Text};
use pyo3::prelude::*;

use crate::error::{Error, Outcome};
use crate::values::{code, format, from_text, from_x, letter, mode, reason, stamp, x};

/// An attribute of a dataclass, as the type that the field has.
pub(crate) fn field<'py, T>(object: &Bound<'py, PyAny>, name: &str) -> Outcome<T>
where
    T: for<'a> FromPyObject<'a, 'py>,
    for<'a> <T as FromPyObject<'a, 'py>>::Error: Into<PyErr>,
{
    let value = object.getattr(name)?;
    value.extract::<T>().map_err(|error| {
        let error: PyErr = error.into();
        if error.is_instance_of::<pyo3::exceptions::PyOverflowError>(object.py()) {
            return Error::value(format!("{name} is {value}: out of range"));
        }
        Error::Python(error)
    })
}

/// A class of `oftp.<module>`, called with these arguments.
pub(crate) fn make<'py, A>(
    py: Python<'py>,
    module: &str,
    class: &str,
    arguments: A,
) -> PyResult<Bound<'py, PyAny>>
where
    A: pyo3::call::PyCallArgs<'py>,
{
    py.import(module)?.getattr(class)?.call1(arguments)
}

fn text(object: &Bound<'_, PyAny>, name: &str) -> Outcome<String> {
    field(object, name)
}

fn octets(object: &Bound<'_, PyAny>, name: &str) -> Outcome<Vec<u8>> {
    field(object, name)
}

fn small(object: &Bound<'_, PyAny>, name: &str, most: u8) -> Outcome<u8> {
    let value: i64 = field(object, name)?;
    u8::try_from(value)
        .ok()
        .filter(|value| *value <= most)
        .ok_or_else(|| Error::value(format!("{name} is {value}, must be 0 to {most}")))
}

/// `Connect` for F_CONNECT_RQ.
pub(crate) fn connect_rq(object: &Bound<'_, PyAny>) -> Outcome<ConnectRq> {
    let rs = connect_rs(object)?;
    Ok(ConnectRq {
        code: rs.code,
        password: rs.password,
        user: rs.user,
        mode: rs.mode,
        restart: rs.restart,
        authentication: rs.authentication,
        addresses: Default::default(),
    })
}

/// `Connect` for F_CONNECT_RS.
pub(crate) fn connect_rs(object: &Bound<'_, PyAny>) -> Outcome<ConnectRs> {
    Ok(ConnectRs {
        code: code(&text(object, "code")?, "code")?,
        password: Password::new(x(&text(object, "password")?, "password").map_err(secret)?),
        user: x(&text(object, "user")?, "user")?,
        mode: mode(&text(object, "mode")?)?,
        restart: field(object, "restart")?,
        authentication: field(object, "authentication")?,
        capabilities: None,
        quirks: None,
    })
}

/// A password is not repeated in an error.
pub(crate) fn secret(_: Error) -> Error {
    Error::value("password is not up to 8 characters of Latin 1 without control characters")
}

/// `VirtualFile` as SFID.
pub(crate) fn sfid(file: &Bound<'_, PyAny>) -> Outcome<Sfid> {
    let dsn = x(&text(file, "dsn")?, "dsn")?;
    if oftp_core::wire::DatasetName::is_blank(&dsn) {
        return Err(Error::value("dsn is empty (RFC 5024 5.3.3 SFIDDSN)"));
    }
    let security = small(file, "security", 3)?;
    Ok(Sfid {
        dsn,
        stamp: stamp(&text(file, "date")?, &text(file, "time")?)?,
        user: x(&text(file, "user")?, "user")?,
        dest: code(&text(file, "destination")?, "destination")?,
        orig: code(&text(file, "originator")?, "originator")?,
        fmt: format(&text(file, "format")?)?,
        lrecl: field(file, "record_length")?,
        fsiz: field(file, "size")?,
        osiz: field(file, "original_size")?,
        rest: field(file, "restart_position")?,
        sec: Security::from_code(security.into()).unwrap_or_default(),
        ciph: small(file, "cipher_suite", 99)?,
        comp: small(file, "compression", 9)?,
        env: small(file, "envelope", 9)?,
        sign: field(file, "signed_response")?,
        desc: Text::new(&text(file, "description")?),
    })
}

/// SFID as `VirtualFile`.
pub(crate) fn virtual_file<'py>(py: Python<'py>, sfid: &Sfid) -> PyResult<Bound<'py, PyAny>> {
    let kind = |class: &str, value: Bound<'py, PyAny>| make(py, "oftp._values", class, (value,));
    let more = pyo3::types::PyDict::new(py);
    more.set_item("dsn", from_x(sfid.dsn.as_octets()))?;
    more.set_item("date", from_x(sfid.stamp.date()))?;
    more.set_item("time", from_x(sfid.stamp.time()))?;
    more.set_item("destination", from_x(sfid.dest.as_octets()))?;
    more.set_item("originator", from_x(sfid.orig.as_octets()))?;
    more.set_item("user", from_x(sfid.user.as_octets()))?;
    let format = letter(sfid.fmt.letter()).into_pyobject(py)?.into_any();
    more.set_item("format", kind("RecordFormat", format)?)?;
    more.set_item("record_length", sfid.lrecl)?;
    more.set_item("size", sfid.fsiz)?;
    more.set_item("original_size", sfid.osiz)?;
    more.set_item("restart_position", sfid.rest)?;
    let security = sfid.sec.code().into_pyobject(py)?.into_any();
    more.set_item("security", kind("Security", security)?)?;
    more.set_item("cipher_suite", sfid.ciph)?;
    more.set_item("compression", sfid.comp)?;
    more.set_item("envelope", sfid.env)?;
    more.set_item("signed_response", sfid.sign)?;
    more.set_item("description", from_text(&sfid.desc))?;
    let class = py.import("oftp._fields")?.getattr("VirtualFile")?;
    class.call((), Some(&more))
}

/// A positive `EndResponse` as EERP.
pub(crate) fn eerp(response: &Bound<'_, PyAny>) -> Outcome<Eerp> {
    Ok(Eerp {
        dsn: x(&text(response, "dsn")?, "dsn")?,
        stamp: stamp(&text(response, "date")?, &text(response, "time")?)?,
        user: x(&text(response, "user")?, "user")?,
        dest: x(&text(response, "destination")?, "destination")?,
        orig: x(&text(response, "originator")?, "originator")?,
        hsh: octets(response, "hash")?,
        sig: octets(response, "signature")?,
    })
}

/// A negative `EndResponse` as NERP.
pub(crate) fn nerp(response: &Bound<'_, PyAny>) -> Outcome<Nerp> {
    let code: Option<u8> = field(response, "reason")?;
    let code = code.ok_or_else(|| Error::value("reason is None: an EERP, not a NERP"))?;
    Ok(Nerp {
        dsn: x(&text(response, "dsn")?, "dsn")?,
        stamp: stamp(&text(response, "date")?, &text(response, "time")?)?,
        dest: x(&text(response, "destination")?, "destination")?,
        orig: x(&text(response, "originator")?, "originator")?,
        crea: x(&text(response, "creator")?, "creator")?,
        reas: NerpReason::new(reason(code, 0)?),
        reast: Text::new(&text(response, "text")?),
        hsh: octets(response, "hash")?,
        sig: octets(response, "signature")?,
    })
}

/// EERP as a positive `EndResponse`.
pub(crate) fn from_eerp<'py>(py: Python<'py>, eerp: &Eerp) -> PyResult<Bound<'py, PyAny>> {
    let more = pyo3::types::PyDict::new(py);
    more.set_item("dsn", from_x(eerp.dsn.as_octets()))?;
    more.set_item("date", from_x(eerp.stamp.date()))?;
    more.set_item("time", from_x(eerp.stamp.time()))?;
    more.set_item("destination", from_x(eerp.dest.as_octets()))?;
    more.set_item("originator", from_x(eerp.orig.as_octets()))?;
    more.set_item("user", from_x(eerp.user.as_octets()))?;
    more.set_item("hash", pyo3::types::PyBytes::new(py, &eerp.hsh))?;
    more.set_item("signature", pyo3::types::PyBytes::new(py, &eerp.sig))?;
    let class = py.import("oftp._fields")?.getattr("EndResponse")?;
    class.call((), Some(&more))
}

/// NERP as a negative `EndResponse`.
pub(crate) fn from_nerp<'py>(py: Python<'py>, nerp: &Nerp) -> PyResult<Bound<'py, PyAny>> {
    let more = pyo3::types::PyDict::new(py);
    more.set_item("dsn", from_x(nerp.dsn.as_octets()))?;
    more.set_item("date", from_x(nerp.stamp.date()))?;
    more.set_item("time", from_x(nerp.stamp.time()))?;
    more.set_item("destination", from_x(nerp.dest.as_octets()))?;
    more.set_item("originator", from_x(nerp.orig.as_octets()))?;
    more.set_item("creator", from_x(nerp.crea.as_octets()))?;
    more.set_item("reason", nerp.reas.code())?;
    more.set_item("text", from_text(&nerp.reast))?;
    more.set_item("hash", pyo3::types::PyBytes::new(py, &nerp.hsh))?;
    more.set_item("signature", pyo3::types::PyBytes::new(py, &nerp.sig))?;
    let class = py.import("oftp._fields")?.getattr("EndResponse")?;
    class.call((), Some(&more))
}

/// SSID as `Ssid`.
pub(crate) fn from_ssid<'py>(py: Python<'py>, ssid: &Ssid) -> PyResult<Bound<'py, PyAny>> {
    let mode = make(
        py,
        "oftp._values",
        "Capability",
        (letter(ssid.sr.letter()),),
    )?;
    let fields = (
        from_x(ssid.code.as_octets()),
        from_x(ssid.pswd.as_octets()),
        from_x(ssid.user.as_octets()),
        ssid.lev,
        ssid.sdeb,
        ssid.cred,
        mode,
        ssid.cmpr,
        ssid.rest,
        ssid.auth,
    );
    make(py, "oftp._fields", "Ssid", fields)
}

/// What was agreed on as `Agreed`.
pub(crate) fn from_agreed<'py>(py: Python<'py>, agreed: &Agreed) -> PyResult<Bound<'py, PyAny>> {
    let level = make(py, "oftp._values", "Level", (agreed.level.digit(),))?;
    let mode = letter(agreed.mode.letter());
    let fields = (
        level,
        agreed.buffer_size,
        agreed.window,
        agreed.compression,
        agreed.restart,
        make(py, "oftp._values", "Capability", (mode,))?,
        agreed.authentication,
    );
    make(py, "oftp._fields", "Agreed", fields)
}
